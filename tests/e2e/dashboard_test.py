"""The dashboard from outside: what it serves of a finished and of a growing run, and whom it refuses."""

import http.client
import json
import re
import signal
import statistics
import subprocess
import time
import unittest

from command import COMMAND, CommandTest


def line(event, **fields):
    return json.dumps({"format": 1, "event": event, **fields, "time": "2026-11-21T07:00:00.123Z"}) + "\n"


def step_line(step, loss):
    return line("step", step=step, loss=loss, tokens_per_s=1000.0, seconds=0.5, data_seconds=0.125, eval_seconds=0,
                save_seconds=0.25, learning_rate=1e-3, memory_bytes=5000000, memory_limit_bytes=20000000)


def parse_metrics(text):
    """Returns {(name, run): value} of Prometheus's text format, and checks its grammar line by line."""
    values, types = {}, {}
    for each in text.splitlines():
        if found := re.fullmatch(r"# TYPE ([a-z_]+) (gauge|counter)", each):
            types[found[1]] = found[2]
        elif not re.fullmatch(r"# HELP [a-z_]+ .+", each):
            name, run, value = re.fullmatch(r'([a-z_]+)\{run="((?:[^"\\\n]|\\["\\n])*)"\} (\S+)', each).groups()
            assert name in types and (types[name] == "counter") == name.endswith("_total"), each
            values[name, run] = float(value)
    return values


class Stream:
    """Reads a text/event-stream."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", "/events")
        self.response = self.connection.getresponse()
        self.response.readline()  # retry: the server listens for us from here on

    def next(self, kind):
        """Returns the data of the next event of that kind."""
        event = None
        while text := self.response.readline().decode():
            if text.startswith("event: "):
                event = text[7:].strip()
            if text.startswith("data: ") and event == kind:
                return json.loads(text[6:])
        raise AssertionError("the stream ended")


class Dashboard(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("done", 'grow"ing'):
            (cls.folder / name).mkdir()
            (cls.folder / name / "config.yaml").write_text("format: 1\ntrain: {steps: 1000}\n")
        cls.write("done", "".join(step_line(step, 5.0 / step) for step in range(1, 1001)))
        cls.write("done", line("eval", step=1000, loss=0.25)
                  + line("recovery", step=1000, remedy="skip_step", reason="the loss is nan", from_step=1000,
                         steps_redone=0, seconds=0.5)
                  + line("end", step=1000, reason="done"))
        cls.write('grow"ing', step_line(1, 5.0))
        cls.server = subprocess.Popen([COMMAND, "dashboard", "done", 'grow"ing', "--json"], cwd=cls.folder, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.stop)
        url = json.loads(cls.server.stdout.readline())["url"]
        cls.port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/", url)[1])

    @classmethod
    def stop(cls):
        cls.server.send_signal(signal.SIGTERM)
        cls.ended = cls.server.wait(20)
        cls.server.stdout.close()
        assert cls.ended == 0, f"the dashboard ended with {cls.ended}"

    @classmethod
    def write(cls, run, text):
        with open(cls.folder / run / "metrics.jsonl", "a", encoding="utf-8") as file:
            file.write(text)

    def get(self, path, host=None, method="GET"):
        """Returns status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={"Host": host} if host else {})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, response.headers, text

    def test_serves_one_page_that_needs_nothing_else(self):
        status, headers, page = self.get("/")
        self.assertEqual(status, 200)
        self.assertIn("<title>podium</title>", page)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotRegex(page, r"https?://")
        self.assertEqual(self.get("/favicon.ico")[0], 404)

    def test_runs_and_curves_are_the_files(self):
        runs = json.loads(self.get("/runs")[2])["runs"]
        self.assertEqual([run["run"] for run in runs], ["done", 'grow"ing'])
        self.assertEqual((runs[0]["state"], runs[0]["step"], runs[0]["loss"]), ("done", 1000, 0.005))
        self.assertEqual(runs[0]["best_validation"], {"step": 1000, "loss": 0.25})
        curves = json.loads(self.get("/curves?run=0&first=11&last=13")[2])["curves"]
        self.assertEqual(curves["train/loss"], {"steps": [11, 12, 13], "values": [5 / 11, 5 / 12, 5 / 13]})
        thin = json.loads(self.get("/curves?run=0&buckets=10")[2])["curves"]["train/loss"]
        self.assertLessEqual(len(thin["steps"]), 40)
        self.assertEqual((thin["steps"][0], thin["steps"][-1]), (1, 1000))
        for path, status in (("/curves?run=2", 404), ("/curves?run=x", 400), ("/curves?buckets=-1", 400)):
            self.assertEqual(self.get(path)[0], status, path)

    def test_metrics_are_prometheus_text(self):
        status, headers, text = self.get("/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        values = parse_metrics(text)
        expected = {"podium_training": 0, "podium_done": 1, "podium_step": 1000, "podium_steps_planned": 1000,
                    "podium_loss": 0.005, "podium_validation_loss": 0.25, "podium_tokens_per_second": 1000,
                    "podium_memory_bytes": 5e6, "podium_memory_limit_bytes": 2e7,
                    "podium_tokens_total": 500_000, "podium_step_seconds_total": 500, "podium_data_seconds_total": 125,
                    "podium_save_seconds_total": 250, "podium_warnings_total": 0, "podium_recoveries_total": 1}
        for name, value in expected.items():
            self.assertAlmostEqual(values[name, "done"], value, msg=name)
        self.assertIn(("podium_step", 'grow\\"ing'), values)
        self.assertNotIn(("podium_validation_loss", 'grow\\"ing'), values)

    def test_new_lines_travel_to_every_open_page_at_once(self):
        streams = [Stream(self.port) for _ in range(3)]
        waited = []
        for step in range(2, 42):
            began = time.monotonic()
            self.write('grow"ing', step_line(step, 1.0 / step))
            for stream in streams:
                told = stream.next("line")
                self.assertEqual((told["run"], told["line"]["step"], told["line"]["loss"]), (1, step, 1.0 / step))
            waited.append(time.monotonic() - began)
        p95 = statistics.quantiles(waited, n=20)[-1]
        print(f"event to stream: median {1e3 * statistics.median(waited):.0f} ms, p95 {1e3 * p95:.0f} ms")
        self.write('grow"ing', "nonsense\n")
        self.assertIn("metrics.jsonl:42", streams[0].next("problem")["message"])
        path = self.folder / 'grow"ing/metrics.jsonl'
        (self.folder / "new").write_text(step_line(1, 5.0) + line("resume", step=1))
        (self.folder / "new").rename(path)
        self.assertEqual(streams[0].next("anew"), {"run": 1})
        self.assertEqual(json.loads(self.get("/runs")[2])["runs"][1]["step"], 1)
        for stream in streams:
            stream.connection.close()

    def test_refuses_other_hosts_and_other_methods(self):
        for host in ("evil.example", f"evil.example:{self.port}", "127.0.0.1.evil.example", "[::2]"):
            for path in ("/", "/events", "/metrics", "/runs"):
                status, headers, text = self.get(path, host)
                self.assertEqual(status, 403, f"{host} {path}")
                self.assertNotIn("done", text)
                self.assertIsNone(headers["Access-Control-Allow-Origin"])
        for host in ("localhost", f"localhost:{self.port}", "[::1]:80"):
            self.assertEqual(self.get("/runs", host)[0], 200, host)
        self.assertEqual(self.get("/runs", method="POST")[0], 404)

    def test_listens_on_the_loopback_only_and_says_when_the_port_is_taken(self):
        with open(f"/proc/{self.server.pid}/net/tcp", encoding="ascii") as file:
            listening = [row.split()[1] for row in file if row.split()[3] == "0A"]
        self.assertIn(f"0100007F:{self.port:04X}", listening)
        self.assertNotIn(f"00000000:{self.port:04X}", listening)
        self.expect_refusal(("dashboard", "done", "--port", self.port), 5, "give another --port")
        self.expect_refusal(("dashboard", "none"), 2, "no run at none")


if __name__ == "__main__":
    unittest.main()
