"""TensorBoard's own reader against a run's metrics.jsonl, parameters and config: what was logged comes back."""

import json
import os
import pathlib
import subprocess
import unittest

from command import SOURCE, CommandTest

PYTHON = os.environ.get("PODIUM_TENSORBOARD_PYTHON", str(SOURCE / "build/venv-tensorboard/bin/python"))
CONFIG = """
model: {layers: 1, width: 16, heads: 2, length: 16, mlp_ratio: 2}
data: {validation_fraction: 0.3}
train: {steps: 8, batch: 8, eval_every: 4, checkpoint_every: 4}
tensorboard: true
"""
READ = """
import io, json, sys
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0})
found.Reload()
tags = found.Tags()
print(json.dumps({
    "scalars": {tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in tags["scalars"]},
    "texts": {tag: [(e.step, e.tensor_proto.string_val[0].decode()) for e in found.Tensors(tag)]
              for tag in tags["tensors"]},
    "text_plugin": found.PluginTagToContent("text") and sorted(found.PluginTagToContent("text")),
    "histograms": {tag: [(e.step, h.min, h.max, h.num, h.sum, h.sum_squares, list(h.bucket_limit), list(h.bucket))
                         for e in found.Histograms(tag) for h in [e.histogram_value]] for tag in tags["histograms"]},
    "images": {tag: [(e.step, e.height, e.width, list(Image.open(io.BytesIO(e.encoded_image_string)).getdata()))
                     for e in found.Images(tag)] for tag in tags["images"]}}))
"""


class TensorBoard(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "text").mkdir()
        for name in "abc":
            (cls.folder / f"text/{name}.txt").write_text(f"the {name} mesh splits a batch over devices. " * 60)
        (cls.folder / "tiny.yaml").write_text(CONFIG)
        cls.done("train", "tiny.yaml", "--data", "text", "--out", "run")
        cls.done("train", "--resume", "run", "--steps", "12")
        ended = subprocess.run([PYTHON, "-c", READ, str(cls.folder / "run/tensorboard")], capture_output=True, text=True,
                               timeout=120, check=False)
        if ended.returncode != 0:
            raise AssertionError(f"{PYTHON}: {ended.stderr}; ./dev test-all makes that environment")
        cls.read = json.loads(ended.stdout)

    def test_every_scalar_of_the_metrics_comes_back(self):
        expected = {}
        for event in map(json.loads, (self.folder / "run/metrics.jsonl").read_text().splitlines()):
            group = {"step": "train", "eval": "validation"}.get(event["event"], event["event"])
            for field, value in event.items():
                if isinstance(value, (int, float)) and field not in ("step", "format"):
                    expected.setdefault(f"{group}/{field}", []).append((event["step"], value))
        self.assertGreaterEqual(len(expected["train/loss"]), 12)
        self.assertEqual(set(self.read["scalars"]), set(expected))
        single = json.loads(self.numpy("import json, sys\n"
                                       f"rows = {expected!r}\n"
                                       "print(json.dumps({tag: [(s, float(np.float32(v))) for s, v in row]"
                                       " for tag, row in rows.items()}))"))
        self.assertEqual(self.read["scalars"], single)

    def test_each_session_has_a_file(self):
        self.assertEqual(len(list((self.folder / "run/tensorboard").glob("events.out.tfevents.*"))), 2)

    def test_texts_are_there(self):
        self.assertEqual(self.read["text_plugin"], sorted(self.read["texts"]))
        config = self.read["texts"]["config"][-1][1]
        self.assertEqual(config, f"```yaml\n{(self.folder / 'run/config.yaml').read_text()}```\n")
        self.assertEqual(self.read["texts"]["end/reason"][-1], [12, "done"])

    def test_histograms_and_pictures_are_those_of_the_parameters(self):
        script = "import glob, json, safetensors.numpy\n" \
                 "tensors = {}\n" \
                 "for file in glob.glob('run/checkpoints/00000012/*.safetensors'):\n" \
                 "    tensors |= safetensors.numpy.load_file(file)\n" \
                 "print(json.dumps({name: value.astype(float).tolist() for name, value in tensors.items()}))"
        arrays = {name.split(".", 1)[1]: value for name, value in json.loads(self.numpy(script)).items()
                  if name.startswith("parameters.")}
        self.assertEqual(set(self.read["histograms"]), {f"parameters/{name}" for name in arrays})
        for name, array in arrays.items():
            values = list(flat(array))
            step, low, high, count, total, squares, limits, counts = self.read["histograms"][f"parameters/{name}"][-1]
            self.assertEqual((step, low, high, count), (12, min(values), max(values), len(values)))
            self.assertAlmostEqual(total, sum(values), places=9)
            self.assertAlmostEqual(squares, sum(value * value for value in values), places=9)
            self.assertEqual(sum(counts), len(values))
            self.assertEqual(limits, sorted(set(limits)))
            below = -float("inf")
            for limit, number in zip(limits, counts, strict=True):
                inside = sum(below <= value < limit if limit > 0 else below < value <= limit for value in values)
                self.assertLessEqual(abs(number - inside), sum(value == 0 for value in values), (name, limit))
                below = limit
        (tag, pictures), = self.read["images"].items()
        step, height, width, pixels = pictures[-1]
        matrix = arrays["wpe.weight"]
        values = list(flat(matrix))
        self.assertEqual((tag, step, height, width), ("parameters/wpe.weight", 12, len(matrix), len(matrix[0])))
        scale = 255 / (max(values) - min(values))
        for pixel, value in zip(pixels, values, strict=True):
            self.assertAlmostEqual(pixel, (value - min(values)) * scale, delta=0.5001)


def flat(array):
    """Yields the numbers of nested lists."""
    for each in array:
        if isinstance(each, list):
            yield from flat(each)
        else:
            yield each


if __name__ == "__main__":
    unittest.main()
