"""The optimizer's own loops: chosen by flag, kept with programs on disk."""

import json
import unittest

from command import CommandTest

CONFIG = """format: 1
model: {layers: 1, width: 128, heads: 2, length: 8, precision: {parameters: f64, compute: f64}}
optimizer: {name: adamw, learning_rate: 1e-3}
train: {steps: 3, batch: 4, eval_every: 0, checkpoint_every: 0}
"""


class Kernels(CommandTest):
    def setUp(self):
        (self.folder / "tiny.yaml").write_text(CONFIG)
        (self.folder / "text.txt").write_text("a step reads four arrays and writes three. " * 40)

    def losses(self, out, *words, cache="off"):
        ended = self.podium("train", "tiny.yaml", "--data", "text.txt", "--json", "--out", out, *words,
                            PODIUM_CACHE=str(cache))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return [event["loss"] for event in map(json.loads, ended.stdout.splitlines()) if event["event"] == "step"]

    def test_a_program_from_disk_finds_its_loops_in_another_process(self):
        programs = self.folder / "programs"
        first = self.losses("first", "--kernels", "podium", cache=programs)
        made = sorted(path.name for path in programs.glob("*.program"))
        self.assertTrue(any(b"podium.kernel." in path.read_bytes() for path in programs.glob("*.program")))
        self.assertEqual(self.losses("second", "--kernels", "podium", cache=programs), first)
        self.assertEqual(sorted(path.name for path in programs.glob("*.program")), made)
        for ours, xlas in zip(first, self.losses("third", "--kernels", "xla"), strict=True):
            self.assertAlmostEqual(ours, xlas, delta=1e-9)

    def test_an_unknown_choice_is_refused(self):
        ended = self.podium("train", "tiny.yaml", "--data", "text.txt", "--kernels", "fast")
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn('kernels: there is no choice "fast"; take measured, xla or podium', ended.stderr)


if __name__ == "__main__":
    unittest.main()
