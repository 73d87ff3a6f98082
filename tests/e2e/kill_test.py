"""A run that is killed (-9) again and again, and resumed, has the bits of one that never stopped.

PODIUM_COMMAND names the command. PODIUM_KILLS (default 8) says how often; each kill is at a seeded point: between the steps of
writing a checkpoint (write, fsync, rename, directory fsync), or after a number of reported steps.
"""

import json
import os
import random
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

PODIUM = os.environ["PODIUM_COMMAND"]
KILLS = int(os.environ.get("PODIUM_KILLS", "8"))
STEPS = 12 * KILLS
OPERATIONS = ("CREATE", "WRITE", "FSYNC", "RENAME", "SYNC_DIRECTORY")
CONFIG = f"""
model: {{layers: 1, width: 8, heads: 1, length: 8, mlp_ratio: 1}}
optimizer: {{name: sgd, momentum: 0.9, learning_rate: 1e-1}}
train: {{steps: {STEPS}, batch: 4, eval_every: 0, checkpoint_every: 1, keep_last: 2}}
"""


def losses(run):
    events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [(event["step"], event["loss"]) for event in events if event["event"] == "step"]


def tensors(run):
    return (run / f"checkpoints/{STEPS:08}/state.safetensors").read_bytes()


class Kill(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "tiny.yaml").write_text(CONFIG)
        (self.folder / "text.txt").write_text("the mesh splits a batch over devices. " * 40)

    def start(self, name):
        return [PODIUM, "train", self.folder / "tiny.yaml", "--data", self.folder / "text.txt", "--out", self.folder / name]

    def run_podium(self, command, fault=None, kill_after_steps=None):
        """Returns the exit code; with `kill_after_steps`, the run is killed once it has reported that many."""
        environment = dict(os.environ, **({"PODIUM_FAULT": fault} if fault else {}))
        with tempfile.TemporaryFile() as words:
            process = subprocess.Popen([*command, "--json"], env=environment, stdout=subprocess.PIPE, stderr=words)
            steps = 0
            for line in process.stdout:
                steps += json.loads(line)["event"] == "step"
                if steps == kill_after_steps:
                    process.kill()
                    break
            process.communicate()
            words.seek(0)
            self.words = words.read().decode(errors="replace")
        return process.returncode

    def test_a_killed_run_ends_with_the_bits_of_an_undisturbed_one(self):
        self.assertEqual(self.run_podium(self.start("whole")), 0)
        choose = random.Random(1)
        resume = [PODIUM, "train", "--resume", self.folder / "killed"]
        command, killed = self.start("killed"), 0
        while killed < KILLS:
            fault, after = None, None
            if killed % 5 == 4:
                after = choose.randint(1, 4)
            else:
                fault = f"kill:{OPERATIONS[killed % len(OPERATIONS)]}:{choose.randint(1, 9)}"
            code = self.run_podium(command, fault, after)
            if code == 0:
                break  # it was done before the kill
            self.assertEqual(code, -signal.SIGKILL, self.words)
            killed += 1
            if (self.folder / "killed/config.yaml").exists():
                command = resume
        self.assertEqual(killed, KILLS, "the run was over too early: make it longer")
        self.assertEqual(self.run_podium(resume), 0, self.words)
        self.assertEqual(losses(self.folder / "killed"), losses(self.folder / "whole"))
        self.assertEqual(tensors(self.folder / "killed"), tensors(self.folder / "whole"))


if __name__ == "__main__":
    unittest.main()
