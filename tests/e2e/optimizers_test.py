"""`podium optimizers`: what there is, and what its state takes."""

import json
import unittest

from command import CommandTest


class Optimizers(CommandTest):
    def test_json_lists_every_row(self):
        rows = {row["name"]: row for row in json.loads(self.done("optimizers", "--json"))}
        self.assertGreaterEqual(len(rows), 43)
        for row in rows.values():
            self.assertEqual(list(row), ["name", "source", "slots", "bytes_per_parameter", "bytes", "like"])
            self.assertIn("optax", row["like"])
        self.assertEqual(rows["adamw"]["slots"], 2)
        self.assertAlmostEqual(rows["adamw"]["bytes_per_parameter"], 8, places=3)
        self.assertEqual(rows["adam"]["like"], ["optax", "torch", "tensorflow", "onnx"])
        self.assertLess(rows["adafactor"]["bytes_per_parameter"], 0.01)

    def test_the_table_counts_memory_of_a_model(self):
        line = next(each for each in self.done("optimizers", "--parameters", "5e8").splitlines() if "adamw " in each)
        self.assertIn(" 4 GB", line)

    def test_moments_may_take_fewer_bytes(self):
        rows = {row["name"]: row for row in json.loads(self.done("optimizers", "--json", "--state-type", "8bit"))}
        self.assertAlmostEqual(rows["adamw"]["bytes_per_parameter"], 2 + 8 / 2048, places=4)
        self.assertEqual(rows["sgd"]["bytes_per_parameter"], 0)
        ended = self.podium("optimizers", "--state-type", "4bit")
        self.assertIn("it may be parameter, bf16, 8bit", ended.stderr)

    def test_memory_is_that_of_a_configs_model(self):
        model = "model: {layers: 2, width: 64, heads: 2, length: 32, vocabulary: 256}\n"
        (self.folder / "small.yaml").write_text(model)
        (self.folder / "narrow.yaml").write_text(model + "optimizer: {state_type: bf16}\n")
        whole, narrow = ({row["name"]: row["bytes"] for row in json.loads(self.done("optimizers", "--json", "--config",
                                                                                    name))}
                         for name in ("small.yaml", "narrow.yaml"))
        self.assertGreater(whole["adamw"], 8 * 2 * 12 * 64 * 64)
        self.assertAlmostEqual(narrow["adamw"], whole["adamw"] / 2, delta=20)

    def test_an_unknown_form_is_refused(self):
        (self.folder / "notes.txt").write_text("all work and no play\n" * 500)
        ended = self.podium("train", "--preset", "small", "--data", "notes.txt", "--set", "optimizer.name=lion",
                            "--set", "optimizer.like=torch")
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("lion has one form only", ended.stderr)


if __name__ == "__main__":
    unittest.main()
