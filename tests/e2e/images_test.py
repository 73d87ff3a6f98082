"""A run on real pictures, scikit-learn's handwritten digits: trained, stopped, resumed, judged."""

import json
import unittest

from command import SOURCE, CommandTest

DIGITS = """
import gzip, importlib.util, pathlib
folder = pathlib.Path(importlib.util.find_spec('sklearn').origin).parent
rows = np.loadtxt(gzip.open(folder / 'datasets/data/digits.csv.gz'), delimiter=',', dtype=int)
images, labels = (rows[:, :64] * 15).astype('u1').reshape(-1, 8, 8), rows[:, 64]
np.savez_compressed('digits.npz', images=images[:1500], labels=labels[:1500])
np.savez('unseen.npz', images=images[1500:], labels=labels[1500:])
np.savez('other.npz', images=images[:9, :7], labels=labels[:9])
"""
CONFIG = SOURCE / "examples/digits.yaml"
RESNET = SOURCE / "examples/digits_resnet.yaml"


class Digits(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numpy(DIGITS)

    def train(self, *arguments, code=0):
        ended = self.podium("train", *arguments)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended

    def new(self, out, *arguments, config=CONFIG, code=0):
        return self.train(config, "--data", "digits.npz", "--seed", 1, "--out", out, *arguments, code=code)

    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return {line["step"]: line["loss"] for line in map(json.loads, lines) if line["event"] == "step"}

    def test_learns_the_digits(self):
        self.new("whole")
        lines = [json.loads(line) for line in (self.folder / "whole/metrics.jsonl").read_text().splitlines()]
        evals = [line["accuracy"] for line in lines if line["event"] == "eval"]
        self.assertGreater(evals[-1], 0.93)
        unseen = json.loads(self.done("eval", "whole", "--data", "unseen.npz", "--json"))
        self.assertGreater(unseen["accuracy"], 0.9)
        self.assertRegex(self.done("eval", "whole"), r"nats an image")
        refused = self.podium("sample", "whole")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("makes no text", refused.stderr)
        memory = json.loads(self.done("memory", "whole", "--json"))
        self.assertEqual(memory["tags"]["PARAMETERS"], 4 * (64 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10))

    def test_resumes_to_the_same_losses_on_one_device_and_on_two(self):
        steps = ["--set", "optimizer.schedule=constant", "--set", "train.checkpoint_every=20",
                 "--set", "train.micro_batches=2", "--set", "data.flip=true", "--set", "train.log_every=1"]
        self.new("undisturbed", *steps, "--steps", 40)
        self.new("cut", *steps, "--steps", 20)
        self.train(CONFIG, "--resume", "cut", *steps, "--seed", 1, "--steps", 40)
        self.assertEqual(self.losses("cut"), self.losses("undisturbed"))
        self.new("two", *steps, "--steps", 40, "--mesh", "data=2")
        for step, loss in self.losses("undisturbed").items():
            self.assertAlmostEqual(self.losses("two")[step], loss, delta=1e-4)

    def test_a_residual_network_learns_the_digits(self):
        self.new("residual", config=RESNET)
        losses = self.losses("residual")
        self.assertLess(losses[300], losses[10] / 5)
        unseen = json.loads(self.done("eval", "residual", "--data", "unseen.npz", "--json"))
        self.assertGreater(unseen["accuracy"], 0.9)
        self.assertRegex(self.done("eval", "residual"), r"nats an image")
        self.assertIn("makes no text", self.podium("sample", "residual").stderr)
        refused = self.new("none", "--set", "model.norm_groups=5", config=RESNET, code=2)
        self.assertIn("resnet: 5 groups do not divide a width of 16", refused.stderr)
        refused = self.new("none", "--set", "train.sample_every=5", config=RESNET, code=2)
        self.assertIn("model.kind is resnet, which reads images", refused.stderr)

    def test_a_residual_network_resumes_to_the_same_losses_on_one_device_and_on_two(self):
        steps = ["--set", "optimizer.schedule=constant", "--set", "train.checkpoint_every=5",
                 "--set", "model.widths=[8, 16]", "--set", "train.log_every=1"]
        self.new("plain", *steps, "--steps", 10, config=RESNET)
        self.new("half", *steps, "--steps", 5, config=RESNET)
        self.train(RESNET, "--resume", "half", *steps, "--seed", 1, "--steps", 10)
        self.assertEqual(self.losses("half"), self.losses("plain"))
        self.new("split", *steps, "--steps", 10, "--mesh", "data=2", config=RESNET)
        for step, loss in self.losses("plain").items():
            self.assertAlmostEqual(self.losses("split")[step], loss, delta=1e-4)

    def test_what_is_no_run_is_refused(self):
        for change, code, words in (
                ("data.images=pictures", 3, 'no array "pictures"; there are images, labels'),
                ("model.classes=3", 2, "the data has [8,8,1] and 10"),
                ("data.crop=8", 2, "crop is 8"),
                ("train.sample_every=5", 2, "train.sample_every is of text"),
                ("data.tokenizer=made.json", 2, "data.tokenizer is of text")):
            refused = self.new("none", "--set", change, code=code)
            self.assertIn(words, refused.stderr)
            self.assertFalse((self.folder / "none").exists(), change)
        self.train(CONFIG, "--data", "other.npz", "--set", "model.image=[8, 8, 1]", "--out", "none", code=2)
        self.assertIn("no data", self.train(CONFIG, "--out", "none", code=2).stderr)
        (self.folder / "text.npz").write_text("no archive")
        self.assertIn("text.npz", self.train(CONFIG, "--data", "text.npz", "--out", "none", code=3).stderr)


if __name__ == "__main__":
    unittest.main()
