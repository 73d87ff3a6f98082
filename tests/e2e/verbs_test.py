"""What the verbs that only look around say, and that each verb explains itself."""

import json
import re
import subprocess
import unittest

from command import COMMAND, SOURCE, CommandTest


class Verbs(CommandTest):
    def test_every_verb_teaches_by_example(self):
        listed = re.findall(r"^  ([a-z]+) ", self.done("--help").split("Subcommands:")[1].split("Examples:")[0], re.M)
        self.assertGreaterEqual(set(listed), {"train", "sample", "eval", "devices", "bench", "doctor", "run"})
        for verb in listed:
            self.assertIn(f"podium {verb}", self.done(verb, "--help").split("Example")[-1], verb)

    def test_version(self):
        self.assertRegex(self.done("--version"), r"^podium \d+\.\d+\.\d+\n"
                         r"commit    [0-9a-f]{12}(-dirty)?\ncompiler  \w+ [\d.]+ \w+\nplugin    cpu.*\.so \(.*\)\n")

    def test_licenses_name_every_library_that_is_linked(self):
        licenses = self.done("--licenses")
        self.assertIn("Apache License", licenses)
        needed = re.findall(r"NEEDED.*\[(.*?)[-0-9.]*\.so", subprocess.run(
            ["readelf", "-d", COMMAND], capture_output=True, text=True, check=True).stdout)
        self.assertIn("libcurl", needed)
        if "libasan" in needed:
            self.skipTest("a sanitizer's build links libraries that no one ships")
        self.assertEqual([library for library in needed if library not in licenses], [])

    def test_devices_shows_the_plugin(self):
        self.assertIn("cpu:0", self.done("devices"))
        plugins = json.loads(self.done("devices", "--json"))["plugins"]
        default = [plugin for plugin in plugins if plugin["default"]]
        self.assertEqual([plugin["devices"][0]["device"] for plugin in default], ["cpu:0"])
        self.assertRegex(default[0]["pjrt"], r"^0\.\d+$")
        self.assertRegex(default[0]["stablehlo"], r"^\d+\.\d+\.\d+ to \d+\.\d+\.\d+$")

    def test_devices_says_why_a_plugin_does_not_load(self):
        (self.folder / "plugin.so").write_text("no library")
        ended = self.podium("devices", "--plugin", "plugin.so", "--json")
        self.assertEqual(ended.returncode, 5)
        first = json.loads(ended.stdout.splitlines()[0])["plugins"][0]
        self.assertIn("cannot load", first["problem"])

    def test_doctor_finds_this_machine_fit_and_runs_say_their_share_of_its_peak(self):
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}

        def shares(out):
            ended = self.podium("train", SOURCE / "examples/gpt.yaml", "--data", SOURCE / "docs", "--steps", 3, "--json",
                                "--set", "model.layers=1", "--out", out, **cache)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            steps = [line for line in map(json.loads, ended.stdout.splitlines()) if line["event"] == "step"]
            return [step.get("peak_share") for step in steps]

        self.assertEqual(shares("before"), [None] * 3)
        report = json.loads(self.podium("doctor", "--json", **cache).stdout)
        self.assertTrue(report["fit"], report)
        checks = {check["check"]: check for check in report["checks"]}
        self.assertEqual({checks[name]["state"] for name in ("plugin", "arithmetic", "NaN in maximum",
                                                             "folded constants")}, {"ok"})
        self.assertRegex(checks["speed"]["text"], r"^\d+\.\d GFLOP/s in f32 matrix products on cpu:0")
        self.assertIn(("OUT_OF_MEMORY", "remat", 1),
                      [(row["error"], row["remedy"], row["times"]) for row in report["recovery"]])
        for share in shares("after"):
            self.assertGreater(share, 0.001)
            self.assertLess(share, 1.5)

    def test_doctor_finds_a_bad_plugin(self):
        (self.folder / "plugin.so").write_text("no library")
        ended = self.podium("doctor", "--plugin", "plugin.so")
        self.assertEqual(ended.returncode, 5)
        self.assertIn("cannot load", ended.stdout)


if __name__ == "__main__":
    unittest.main()
