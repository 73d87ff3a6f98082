"""The dashboard's page in headless Chromium: a running job, a phone's width, the keyboard, a million steps."""

import base64
import json
import os
import shutil
import signal
import statistics
import subprocess
import time
import unittest

from command import COMMAND, CommandTest
from dashboard_test import line, step_line

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MILLION = 1_000_000


class Page:
    """One page in a browser of its own, driven over its debugging pipe."""

    def __init__(self, folder, width, height):
        ours, theirs = os.pipe(), os.pipe()  # what it reads, what it writes
        flags = f"--headless=new --no-sandbox --disable-gpu --remote-debugging-pipe --user-data-dir={folder}"
        self.process = subprocess.Popen(["bash", "-c", f'exec "$0" {flags} 3<&{ours[0]} 4>&{theirs[1]}', CHROMIUM],
                                        pass_fds=(ours[0], theirs[1]), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.to, self.back = os.fdopen(ours[1], "wb", 0), os.fdopen(theirs[0], "rb", 0)
        self.number, self.session, self.rest, self.troubles = 0, None, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=True)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                piece = self.back.read(1 << 16)
                if not piece:
                    raise AssertionError("Chromium ended")
                self.rest += piece
            text, self.rest = self.rest.split(b"\0", 1)
            told = json.loads(text)
            if told.get("id") == self.number:
                if "error" in told:
                    raise AssertionError(told["error"])
                return told["result"]
            if told.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded") or (
                    told.get("method") == "Runtime.consoleAPICalled" and told["params"]["type"] == "error"):
                self.troubles.append(told["params"])

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def until(self, expression, seconds=20):
        """Returns after how many seconds the expression was true."""
        began = time.monotonic()
        while not self.value(expression):
            if time.monotonic() - began > seconds:
                raise AssertionError(f"never true: {expression}")
            time.sleep(0.005)
        return time.monotonic() - began

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" and len(key) == 1 else "")

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.process.wait(20)
        self.to.close()
        self.back.close()


@unittest.skipUnless(CHROMIUM, "there is no Chromium here: apt-get install chromium")
class DashboardPage(CommandTest):
    def serve(self, run, text, planned):
        """Starts a dashboard of a new run; returns its address and the run's metrics file."""
        folder = self.folder / run
        folder.mkdir()
        (folder / "config.yaml").write_text(f"format: 1\ntrain: {{steps: {planned}}}\n")
        (folder / "metrics.jsonl").write_text(text)
        server = subprocess.Popen([COMMAND, "dashboard", run, "--json"], cwd=self.folder, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, 20)
        self.addCleanup(server.send_signal, signal.SIGTERM)
        return json.loads(server.stdout.readline())["url"], folder / "metrics.jsonl"

    def open(self, url, width=360):
        page = Page(self.folder / f"browser-{time.monotonic_ns()}", width, 740)
        self.addCleanup(page.close)
        page.call("Page.navigate", url=url)
        page.until("document.readyState === 'complete' && document.querySelectorAll('dd').length > 0")
        return page

    def picture(self, page, name):
        if "PODIUM_PICTURES" in os.environ:
            data = page.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            with open(os.path.join(os.environ["PODIUM_PICTURES"], name), "wb") as file:
                file.write(base64.b64decode(data))

    def test_a_growing_run_on_a_phone(self):
        url, metrics = self.serve("growing", step_line(1, 5.0), 1000)
        page = self.open(url)
        page.until("document.getElementById('link').textContent === 'live'")
        waited = []
        with open(metrics, "a", encoding="utf-8") as file:
            for step in range(2, 62):
                began = time.monotonic()
                file.write(step_line(step, 5.0 / step) + (line("eval", step=step, loss=6 / step) if step % 10 == 0 else ""))
                file.flush()
                page.until(f"document.querySelector('dd').textContent === '{step}/1000'")
                waited.append(time.monotonic() - began)
        p95 = statistics.quantiles(waited, n=20)[-1]
        print(f"event to page: median {1e3 * statistics.median(waited):.0f} ms, p95 {1e3 * p95:.0f} ms")
        self.assertLess(p95, 0.25)
        self.assertEqual(page.value("innerWidth"), 360)
        self.assertLessEqual(page.value("document.documentElement.scrollWidth"), 360)
        self.picture(page, "phone.png")
        for key in ("+", "ArrowLeft", "ArrowRight", "-", "0", "l"):
            page.press(key)
        page.until("document.getElementById('log').getAttribute('aria-pressed') === 'true'")
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        self.assertEqual(page.value("getComputedStyle(document.body).backgroundColor"), "rgb(21, 24, 28)")
        self.picture(page, "dark.png")
        self.assertEqual(page.troubles, [])

    def test_a_million_steps_stay_responsive(self):
        text = "".join(step_line(step, 5.0 / step) for step in range(1, MILLION + 1))
        url, _ = self.serve("long", text, MILLION)
        page = self.open(url, 1280)
        page.until(f"runs[0].curves['train/loss'] && document.querySelector('dd').textContent === '{MILLION}/{MILLION}'")
        frame = "new Promise(done => { const began = performance.now(); frame(); done(performance.now() - began) })"
        self.assertLess(page.value(frame), 100)
        page.value("look([400000, 400100])")
        waited = page.until("runs[0].curves['train/loss'].steps[0] === 400000")
        print(f"zoom into a million steps: {1e3 * waited:.0f} ms")
        self.assertLess(waited, 1)
        self.assertEqual(page.value("runs[0].curves['train/loss'].steps.length"), 101)
        self.picture(page, "million.png")
        self.assertEqual(page.troubles, [])


if __name__ == "__main__":
    unittest.main()
