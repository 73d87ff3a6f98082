"""The notebook and the Python twins of the C++ examples run, and say what they should."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

from support import SOURCE


def run(*arguments):
    """Returns what the program prints; it must succeed."""
    with tempfile.TemporaryDirectory(prefix="podium-examples-") as folder:
        ended = subprocess.run(
            [sys.executable, "-B", *map(str, arguments)], cwd=folder, text=True, capture_output=True, env=os.environ
        )
    if ended.returncode:
        raise AssertionError(f"{arguments[0]} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


class ExamplesTest(unittest.TestCase):
    def test_the_notebook_runs_from_the_top(self):
        notebook = json.loads((SOURCE / "examples/python_tour.ipynb").read_text())
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        self.assertGreaterEqual(len(cells), 5)
        self.assertTrue(all(not cell.get("outputs") for cell in notebook["cells"]), "outputs are not committed")
        with tempfile.TemporaryDirectory(prefix="podium-notebook-") as folder:
            path = os.path.join(folder, "cells.py")
            with open(path, "w") as file:
                file.write("\n".join(cells))
            output = run(path)
        self.assertIn("matmul", output)
        self.assertRegex(output, r"loss \d\.\d+ to 0\.0\d+")

    def test_device_tensor(self):
        output = run(SOURCE / "examples/device_tensor.py")
        self.assertIn("tpu:0 is not there", output)
        self.assertIn("[[ 9., 12.],", output)

    def test_custom_training_loop(self):
        output = run(SOURCE / "examples/custom_training_loop.py")
        self.assertIn("the parameters read back give the same loss", output)

    def test_distributed_step(self):
        output = run(SOURCE / "examples/distributed_step.py", SOURCE / "docs", 64, 32)
        self.assertIn("f32[64,32] is spread over 8 devices", output)
        self.assertIn("the loss fell", output)

    def test_gpt(self):
        self.assertLess(float(run(SOURCE / "examples/gpt.py", SOURCE / "docs", 20)), 5.0)


if __name__ == "__main__":
    unittest.main()
