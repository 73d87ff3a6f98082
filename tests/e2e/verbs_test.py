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


if __name__ == "__main__":
    unittest.main()
