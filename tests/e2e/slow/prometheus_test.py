"""A real Prometheus scrapes a run in training; promtool checks the page and the alert rules that are installed."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from command import SOURCE
from training import TrainingTest

UNPACKED = SOURCE / "build/tools/prometheus/usr/bin"
PROMETHEUS, PROMTOOL = (shutil.which(name, path=f"{os.environ['PATH']}:{UNPACKED}") for name in ("prometheus", "promtool"))
RULES = SOURCE / "share/podium/prometheus/podium.rules.yml"


def listening_port(process):
    """Returns the port that the kernel gave the process, once it listens."""
    for _ in range(400):
        sockets = {os.readlink(link) for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir() if link.is_symlink()}
        for row in pathlib.Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                assert fields[1].startswith("0100007F:"), f"it listens on {fields[1]}"
                return int(fields[1].split(":")[1], 16)
        time.sleep(0.05)
    raise AssertionError("it does not listen")


@unittest.skipUnless(PROMETHEUS and PROMTOOL, "there is no Prometheus here: ./dev test-all unpacks Debian's")
class Prometheus(TrainingTest):
    def promtool(self, *words, text=None):
        ended = subprocess.run([PROMTOOL, *map(str, words)], input=text, capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertEqual(ended.stderr, "")

    def test_the_rules_are_sound_and_fire_when_they_should(self):
        self.promtool("check", "rules", RULES)
        self.promtool("test", "rules", SOURCE / "tests/prometheus/podium.rules_test.yml")
        alerts = set(re.findall(r"alert: (\w+)", RULES.read_text()))
        tested = set(re.findall(r"alertname: (\w+)", (SOURCE / "tests/prometheus/podium.rules_test.yml").read_text()))
        self.assertEqual(alerts, tested)

    def test_scrapes_a_run_in_training(self):
        metrics = self.train("run")
        url = urllib.parse.urlsplit(self.serve("run")[1])
        with urllib.request.urlopen(f"http://{url.netloc}/metrics", timeout=20) as page:
            text = page.read().decode()
        self.promtool("check", "metrics", text=text)
        (self.folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"}, "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "podium", "static_configs": [{"targets": [url.netloc]}]}]}))
        self.promtool("check", "config", self.folder / "prometheus.yml")
        server = self.start(PROMETHEUS, "--config.file=prometheus.yml", "--storage.tsdb.path=store",
                            "--web.listen-address=127.0.0.1:0", stdout=subprocess.DEVNULL)
        port = listening_port(server)

        def ready():
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=20).close() is None
            except urllib.error.HTTPError:
                return False

        def ask(query):
            path = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
            with urllib.request.urlopen(path, timeout=20) as answer:
                return json.load(answer)["data"]["result"]

        began = time.monotonic()
        while not ready():
            self.assertLess(time.monotonic() - began, 60, "Prometheus does not get ready")
            time.sleep(0.1)
        while not (found := ask("changes(podium_step[10s])")) or float(found[0]["value"][1]) < 3:
            self.assertLess(time.monotonic() - began, 60, "Prometheus saw no three new steps")
            time.sleep(0.25)
        step, = ask("podium_step")
        self.assertEqual((step["metric"]["job"], step["metric"]["run"]), ("podium", "run"))
        self.assertGreater(int(step["value"][1]), 0)
        loss = float(ask("podium_loss")[0]["value"][1])  # asked for first: the run goes on
        losses = {json.loads(line)["loss"] for line in metrics.read_text().splitlines() if '"event": "step"' in line}
        self.assertIn(loss, losses)
        memory, = ask("podium_memory_bytes / podium_memory_limit_bytes")
        self.assertTrue(0 < float(memory["value"][1]) < 1, memory)
        self.assertEqual([series["value"][1] for series in ask('up{job="podium"}')], ["1"])
        self.assertLessEqual({line.split("{")[0] for line in text.splitlines() if not line.startswith("#")},
                             {series["metric"]["__name__"] for series in ask('{run="run", __name__=~"podium_.*"}')})
        self.assertEqual(ask('ALERTS{alertstate="firing"}'), [])


if __name__ == "__main__":
    unittest.main()
