"""A corpus of a gigabyte costs no memory of the process's own: text is mapped, and shuffled without a table."""

import json
import pathlib
import random
import subprocess
import unittest

from command import COMMAND, CommandTest

CONFIG = """format: 1
model: {layers: 1, width: 8, heads: 1, length: 64, mlp_ratio: 1}
optimizer: {name: sgd, learning_rate: 1e-1}
train: {steps: 60, batch: 16, eval_every: 20, eval_batches: 2, checkpoint_every: 0}
"""
MEBIBYTE = 1 << 20


class LargeCorpus(CommandTest):
    def write_text(self, name, size):
        """Writes 16 files of that many bytes in all; behind the first MiB of each is a hole, which reads as zeros."""
        block = "".join(random.Random(7).choices("etaoin shrdlu\n", k=MEBIBYTE)).encode()
        (self.folder / name).mkdir()
        for part in range(16):
            with open(self.folder / name / f"{part}.txt", "wb") as file:
                file.write(block)
                file.truncate(size // 16)

    def anonymous_bytes(self, corpus):
        """Returns the most memory of its own that a run over the corpus held at any step."""
        words = [COMMAND, "train", "tiny.yaml", "--data", corpus, "--out", f"run-{corpus}", "--json"]
        most, steps = 0, 0
        with subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as process:
            for line in process.stdout:
                steps += json.loads(line)["event"] == "step"
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                own = [row for row in status.splitlines() if row.startswith("RssAnon:")]
                most = max([most] + [int(row.split()[1]) * 1024 for row in own])
        self.assertEqual(process.returncode, 0)
        self.assertEqual(steps, 60)
        return most

    def test_a_gigabyte_takes_no_more_memory_than_a_little_text(self):
        (self.folder / "tiny.yaml").write_text(CONFIG)
        self.write_text("little", 16 * MEBIBYTE)
        self.write_text("large", 1024 * MEBIBYTE)
        little, large = self.anonymous_bytes("little"), self.anonymous_bytes("large")
        print(f"anonymous memory: {little / 1e6:.1f} MB for 16 MiB of text, {large / 1e6:.1f} MB for 1 GiB")
        self.assertLess(large, little + 64 * 1000 * 1000)


if __name__ == "__main__":
    unittest.main()
