"""Compiled programs come from disk: the same numbers, whatever has become of the cache, and not a word about it."""

import concurrent.futures
import json
import os
import unittest

from command import CommandTest

CONFIG = """format: 1
model: {layers: 1, width: 8, heads: 1, length: 8, mlp_ratio: 1}
optimizer: {name: sgd, learning_rate: 1e-1}
train: {steps: 3, batch: 4, eval_every: 0, checkpoint_every: 0}
"""


class Cache(CommandTest):
    def setUp(self):
        (self.folder / "tiny.yaml").write_text(CONFIG)
        (self.folder / "text.txt").write_text("the mesh splits a batch over devices. " * 40)
        self.name = self.id().rsplit(".", 1)[-1]
        self.programs = self.folder / f"programs-{self.name}"
        self.runs = 0

    def losses(self, cache=None, **environment):
        self.runs += 1
        ended = self.podium("train", "tiny.yaml", "--data", "text.txt", "--json", "--out", f"{self.name}-{self.runs}",
                            PODIUM_CACHE=str(cache or self.programs), **environment)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertNotIn("cache", ended.stderr)
        return [event["loss"] for event in map(json.loads, ended.stdout.splitlines()) if event["event"] == "step"]

    def entries(self):
        return sorted(self.programs.glob("*.program"))

    def test_a_second_run_takes_every_program_and_the_same_bits(self):
        compiled = self.losses("off")
        self.assertEqual(self.losses(), compiled)
        made = [(path.name, path.stat().st_ino) for path in self.entries()]
        self.assertTrue(made)
        self.assertEqual(self.losses(), compiled)
        self.assertEqual([(path.name, path.stat().st_ino) for path in self.entries()], made)
        self.assertEqual(os.stat(self.programs).st_mode & 0o777, 0o700)
        found = json.loads(self.podium("cache", "--json", PODIUM_CACHE=str(self.programs)).stdout)
        self.assertEqual(found["programs"], len(made))
        self.podium("cache", "--clear", PODIUM_CACHE=str(self.programs))
        self.assertFalse(self.entries())

    def test_damaged_and_foreign_programs_are_made_again(self):
        compiled = self.losses()
        for number, path in enumerate(self.entries()):
            good = path.read_bytes()
            path.write_bytes([good[:len(good) // 2], good[:-1] + b"\0", b"", os.urandom(len(good))][number % 4])
        self.assertEqual(self.losses(), compiled)
        self.assertEqual(self.losses(), compiled)

    def test_a_full_disk_is_no_error(self):
        self.losses()
        run = f"{self.name}-1"
        words = self.done("sample", run, "--tokens", 8)
        self.podium("cache", "--clear", PODIUM_CACHE=str(self.programs))
        ended = self.podium("sample", run, "--tokens", "8", PODIUM_CACHE=str(self.programs), PODIUM_FAULT="enospc:WRITE:1")
        self.assertEqual((ended.returncode, ended.stdout), (0, words), ended.stderr)
        self.assertEqual(ended.stderr, "")

    def test_processes_share_it(self):
        compiled = self.losses("off")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            runs = [pool.submit(self.podium, "train", "tiny.yaml", "--data", "text.txt", "--json", "--out",
                                f"shared-{i}", PODIUM_CACHE=str(self.programs)) for i in range(3)]
        for run in runs:
            events = map(json.loads, run.result().stdout.splitlines())
            self.assertEqual([event["loss"] for event in events if event["event"] == "step"], compiled)


if __name__ == "__main__":
    unittest.main()
