"""The dashboard's page in headless Chromium: a running job, a phone's width, the keyboard, a million steps."""

import base64
import json
import os
import shutil
import statistics
import subprocess
import time
import unittest

from command import SOURCE
from dashboard_test import line, step_line
from training import TrainingTest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = SOURCE / "build/tools/axe/axe.min.js"
MILLION = 1_000_000
# Per line of a run: from the moment it was written, as its own clock says, to the picture that shows it.
MEASURE = """
window.waited = [];
source.addEventListener("line", event => {
  const written = Date.parse(JSON.parse(event.data).line.time);
  requestAnimationFrame(() => setTimeout(() => waited.push(Date.now() - written)));
});
"""


def resident_bytes(process):
    """Returns the memory that a process holds now, and the most that it held."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        fields = dict(row.split(":", 1) for row in file)
    return [int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]


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

    def until(self, expression, seconds=60):
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
class DashboardPage(TrainingTest):
    def write(self, run, text, planned):
        """Writes a run; returns its metrics file."""
        folder = self.folder / run
        folder.mkdir()
        (folder / "config.yaml").write_text(f"format: 1\ntrain: {{steps: {planned}}}\n")
        (folder / "metrics.jsonl").write_text(text)
        return folder / "metrics.jsonl"

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
        metrics = self.write("growing", step_line(1, 5.0), 1000)
        page = self.open(self.serve("growing")[1])
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

    def test_a_run_in_training_on_a_phone(self):
        self.train("run")
        page = self.open(self.serve("run")[1])
        page.until("document.getElementById('link').textContent === 'live'")
        page.value(MEASURE)
        page.until("waited.length >= 200", 120)
        waited = page.value("waited")
        p95 = statistics.quantiles(waited, n=20)[-1]
        print(f"a run in training, line to page: median {statistics.median(waited):.0f} ms, p95 {p95:.0f} ms")
        self.assertLessEqual(page.value("document.documentElement.scrollWidth"), page.value("innerWidth"))
        self.assertEqual(page.value("document.querySelector('.card .quiet').textContent"), "training")
        self.assertEqual(page.troubles, [])

    @unittest.skipUnless(AXE.exists(), "there is no axe-core here: ./dev test-all unpacks it")
    def test_axe_finds_nothing_to_mend(self):
        self.train("judged")
        page = self.open(self.serve("judged")[1])
        page.until("document.getElementById('link').textContent === 'live'")
        page.value(AXE.read_text())
        for scheme in ("light", "dark"):
            page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            found = page.value("axe.run().then(({violations, passes}) => ({passes: passes.length, troubles:"
                               " violations.map(({id, help, nodes}) => [id, help, nodes.map(({html}) => html)])}))")
            self.assertEqual(found["troubles"], [], scheme)
            self.assertGreater(found["passes"], 20)

    def test_a_million_steps_stay_responsive(self):
        self.write("long", "".join(step_line(step, 5.0 / step) for step in range(1, MILLION + 1)), MILLION)
        began = time.monotonic()
        server, url = self.serve("long")
        page = self.open(url, 1280)
        page.until(f"runs[0].curves['train/loss'] && document.querySelector('dd').textContent === '{MILLION}/{MILLION}'")
        loaded, (resident, most) = time.monotonic() - began, resident_bytes(server)
        heap = page.call("Runtime.getHeapUsage")["usedSize"]
        points = page.value("Object.values(runs[0].curves).map(({steps}) => steps.length)")
        print(f"a million steps: on the page after {loaded:.1f} s, browser included; the server holds {resident / 1e6:.0f}"
              f" MB (most {most / 1e6:.0f}), the page {heap / 1e6:.0f} MB and at most {max(points)} points a curve")
        self.assertLess(most, 500e6)
        self.assertLess(heap, 50e6)
        self.assertLessEqual(max(points), 4 * 1280)
        frame = "new Promise(done => { const began = performance.now(); frame(); done(performance.now() - began) })"
        print(f"a frame of a million steps: {page.value(frame):.0f} ms")
        page.value("look([400000, 400100])")
        waited = page.until("runs[0].curves['train/loss'].steps[0] === 400000")
        print(f"zoom into a million steps: {1e3 * waited:.0f} ms")
        self.assertEqual(page.value("runs[0].curves['train/loss'].steps.length"), 101)
        self.picture(page, "million.png")
        self.assertEqual(page.troubles, [])


if __name__ == "__main__":
    unittest.main()
