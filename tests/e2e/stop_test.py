"""A signal stops a run after a step, saved, with exit code 75; resuming gives the losses of an undisturbed one."""

import json
import signal
import subprocess
import unittest

from command import COMMAND, CommandTest

CONFIG = """format: 1
model: {layers: 1, width: 8, heads: 1, length: 8, mlp_ratio: 1}
optimizer: {name: sgd, learning_rate: 1e-1}
train: {steps: 100000, batch: 4, eval_every: 0, checkpoint_every: 0}
"""


class Stop(CommandTest):
    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return [(event["step"], event["loss"]) for event in map(json.loads, lines) if event["event"] == "step"]

    def test_a_stopped_run_is_saved_and_goes_on(self):
        (self.folder / "tiny.yaml").write_text(CONFIG)
        (self.folder / "text.txt").write_text("the mesh splits a batch over devices. " * 40)
        for number in (signal.SIGTERM, signal.SIGINT):
            run = f"run-{number}"
            process = subprocess.Popen([COMMAND, "train", "tiny.yaml", "--data", "text.txt", "--out", run, "--json"],
                                       cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            process.stdout.readline()  # the first step is done
            process.send_signal(number)
            out, words = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 75, words)
            end = [event for event in map(json.loads, out.splitlines()) if event["event"] == "end"][-1]
            self.assertEqual(end["reason"], "preempted")
            stopped = end["step"]
            self.assertTrue((self.folder / run / f"checkpoints/{stopped:08}/manifest.json").exists())
            self.done("train", "--resume", run, "--steps", stopped + 5)
            self.done("train", "tiny.yaml", "--data", "text.txt", "--out", run + "-whole", "--steps", stopped + 5)
            self.assertEqual(self.losses(run), self.losses(run + "-whole"))


if __name__ == "__main__":
    unittest.main()
