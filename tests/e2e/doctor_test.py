"""What the doctor finds: a machine that is fit, or why not, and the kernels that runs then use."""

import json
import unittest

from command import SOURCE, CommandTest


class Doctor(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cache = {"XDG_CACHE_HOME": str(cls.folder / "cache")}
        cls.before = cls.shares("before")
        ended = cls.podium("doctor", "--json", **cls.cache)
        assert ended.returncode == 0, ended.stderr
        cls.report = json.loads(ended.stdout)
        cls.checks = {check["check"]: check for check in cls.report["checks"]}

    @classmethod
    def shares(cls, out):
        ended = cls.podium("train", SOURCE / "examples/gpt.yaml", "--data", SOURCE / "docs", "--steps", 3, "--json",
                           "--set", "model.layers=1", "--out", out, **cls.cache)
        assert ended.returncode == 0, ended.stderr
        steps = [line for line in map(json.loads, ended.stdout.splitlines()) if line["event"] == "step"]
        return [step.get("peak_share") for step in steps]

    def test_finds_this_machine_fit_and_runs_say_their_share_of_its_peak(self):
        self.assertTrue(self.report["fit"], self.report)
        self.assertEqual({self.checks[name]["state"] for name in ("plugin", "arithmetic", "NaN in maximum",
                                                                  "folded constants")}, {"ok"})
        self.assertRegex(self.checks["speed"]["text"], r"^\d+\.\d GFLOP/s in f32 matrix products on cpu:0")
        self.assertIn(("OUT_OF_MEMORY", "remat", 1),
                      [(row["error"], row["remedy"], row["times"]) for row in self.report["recovery"]])
        self.assertEqual(self.before, [None] * 3)
        for share in self.shares("after"):
            self.assertGreater(share, 0.001)
            self.assertLess(share, 1.5)

    def test_what_it_measures_is_used(self):
        faster = []
        for kind in ("loops", "products", "convolutions", "attention"):
            text = self.checks[f"kernels: {kind}"]["text"]
            self.assertRegex(text, r" in [\d.]+ ms with podium's, [\d.]+ ms with XLA's: (podium|XLA)'s are used$")
            faster += [kind] * text.endswith("podium's are used")
        (kept,) = (self.folder / "cache" / "podium" / "kernels").iterdir()
        measured = kept.read_text()
        self.addCleanup(kept.write_text, measured)
        self.assertEqual(measured.split(), faster)
        for text, loops, products in (("loops\n", True, False), ("products\n", False, True), ("", False, False),
                                      ("podium\n", True, False), ("xla\n", False, False)):
            kept.write_text(text)
            for case, word, is_called in (("adam_33m", "podium.kernel.", loops),
                                          ("mlp_step", "podium.product", products)):
                dump = self.folder / f"dump_{text.strip()}"
                ended = self.podium("bench", case, "--seconds", "0", "--dump", str(dump), **self.cache)
                self.assertEqual(ended.returncode, 0, ended.stderr)
                self.assertEqual(word in (dump / f"{case}.mlir").read_text(), is_called, (text, case))

    def test_finds_a_bad_plugin(self):
        (self.folder / "plugin.so").write_text("no library")
        ended = self.podium("doctor", "--plugin", "plugin.so")
        self.assertEqual(ended.returncode, 5)
        self.assertIn("cannot load", ended.stdout)


if __name__ == "__main__":
    unittest.main()
