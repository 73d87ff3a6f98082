"""`podium memory`: a step's memory by tag, of a config and of a run."""

import json
import unittest
from xml.etree import ElementTree

from command import SOURCE, CommandTest

TAGS = ["PARAMETERS", "GRADIENTS", "OPTIMIZER_STATE", "ACTIVATIONS", "TEMPORARIES", "CODE", "PADDING", "OTHER"]
CONFIG = SOURCE / "examples/gpt.yaml"
SMALL = ["--set", "model.layers=1", "--set", "model.width=32", "--set", "model.heads=2", "--set", "model.length=32"]


class Memory(CommandTest):
    def memory(self, *arguments):
        ended = self.podium("memory", *arguments)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def test_tags_add_up_and_a_larger_batch_keeps_more_activations(self):
        one, two = (json.loads(self.memory(CONFIG, *SMALL, "--set", f"train.batch={batch}", "--json"))
                    for batch in (8, 16))
        self.assertEqual(list(one["tags"]), TAGS)
        self.assertEqual(sum(one["tags"].values()), one["bytes"])
        self.assertLess(one["bytes"], one["limit_bytes"])
        self.assertEqual(one["tags"]["PARAMETERS"], two["tags"]["PARAMETERS"])
        self.assertAlmostEqual(two["tags"]["ACTIVATIONS"] / one["tags"]["ACTIVATIONS"], 2, delta=0.2)
        self.assertGreaterEqual(one["bytes"], max(one["timeline_bytes"]))

    def test_people_get_a_table_and_a_picture(self):
        text = self.memory(CONFIG, *SMALL, "--svg", "memory.svg")
        for tag in TAGS:
            self.assertRegex(text, rf"(?m)^  {tag} +\d+\.\d{{3}} GB +\d+\.\d %")
        self.assertIn("The peak is at instruction", text)
        picture = "".join(ElementTree.parse(self.folder / "memory.svg").getroot().itertext())
        self.assertIn("ACTIVATIONS", picture)

    def test_a_runs_folder_will_do_and_a_missing_file_is_named(self):
        made = self.podium("train", CONFIG, "--data", SOURCE / "docs", *SMALL, "--steps", 1, "--out", "run")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(json.loads(self.memory("run", "--json"))["bytes"],
                         json.loads(self.memory(CONFIG, *SMALL, "--json"))["bytes"])
        ended = self.podium("memory", "nothing.yaml")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("nothing.yaml", ended.stderr)
        ended = self.podium("memory", CONFIG, "--device", "interp")
        self.assertEqual(ended.returncode, 5)
        self.assertIn("does not tell", ended.stderr)


if __name__ == "__main__":
    unittest.main()
