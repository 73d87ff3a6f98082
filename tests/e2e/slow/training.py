"""Runs in training for the slow tests beside this file."""

import json
import signal
import subprocess
import time

from command import COMMAND, CommandTest

TINY = "model: {layers: 1, width: 16, heads: 2, length: 16, mlp_ratio: 2}\ntrain: {steps: 1000000, batch: 4}\n"


class TrainingTest(CommandTest):
    def start(self, *words, **options):
        """Starts a program that is asked to end when the test ends."""
        process = subprocess.Popen(list(map(str, words)), cwd=self.folder, stderr=subprocess.DEVNULL, text=True, **options)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        return process

    def train(self, run):
        """Starts a training that goes on until the test ends; returns its metrics file once it has made steps."""
        (self.folder / "text.txt").write_text("a mesh splits a batch over devices. " * 200)
        (self.folder / "tiny.yaml").write_text(TINY)
        self.start(COMMAND, "train", "tiny.yaml", "--data", "text.txt", "--out", run, stdout=subprocess.DEVNULL)
        metrics = self.folder / run / "metrics.jsonl"
        while not metrics.exists() or '"event": "step"' not in metrics.read_text():
            time.sleep(0.1)
        return metrics

    def serve(self, run):
        """Starts a dashboard; returns its process and its address."""
        server = self.start(COMMAND, "dashboard", run, "--json", stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        return server, json.loads(server.stdout.readline())["url"]
