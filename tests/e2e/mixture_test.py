"""A run over texts mixed by weight: stopped, resumed, judged on other text."""

import json
import unittest

from command import SOURCE, CommandTest

SMALL = ["--set", "model.length=32", "--set", "model.layers=1", "--set", "model.width=32", "--set", "model.heads=2",
         "--set", "train.batch=8", "--set", "optimizer.schedule=constant",
         "--set", "train.checkpoint_every=10", "--seed", "3"]


class Mixture(CommandTest):
    def train(self, *arguments):
        ended = self.podium("train", *arguments)
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return {line["step"]: line["loss"] for line in map(json.loads, lines) if line["event"] == "step"}

    def test_a_run_resumes_and_is_judged_on_other_text(self):
        paths = ["--data", SOURCE / "docs/**/*.md", "--data", SOURCE / "podium/data/*.h"]
        new = [SOURCE / "examples/gpt.yaml", *paths, *SMALL]
        self.train(*new, "--steps", 20, "--out", "even", "--set", "data.weights=[1, 1]")
        self.train(*new, "--steps", 10, "--out", "cut", "--set", "data.weights=[1, 1]")
        self.train("--resume", "cut", "--steps", 20)
        self.train(*new, "--steps", 20, "--out", "plain")
        self.assertEqual(self.losses("cut"), self.losses("even"))
        self.assertNotEqual(self.losses("plain"), self.losses("even"))
        judged = self.podium("eval", "even", "--data", SOURCE / "README.md", "--json")
        self.assertGreater(json.loads(judged.stdout)["loss"], 0)
        refused = self.podium("train", "--resume", "even", "--set", "data.weights=[1, 2]", "--steps", 30)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("data.weights", refused.stderr)


if __name__ == "__main__":
    unittest.main()
