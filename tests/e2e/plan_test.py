"""`podium plan`: what it refuses, and, where libtpu is installed, what it says of a small step for TPUs that are not here."""

import json
import os
import pathlib
import unittest

from command import SOURCE, CommandTest

CONFIG = SOURCE / "examples/plan/gpt-100m.yaml"
SMALL = ["--set", "model.layers=2", "--set", "model.width=128", "--set", "model.heads=2", "--set", "model.length=128",
         "--set", "model.vocabulary=512", "--set", "train.batch=8", "--fast"]
KEYS = ["format", "target", "chips", "slices", "mesh", "remat", "accumulation", "fits", "peak_bytes", "limit_bytes",
        "memory", "flops_per_step", "compiler_seconds", "step_seconds", "tokens_per_s", "mfu", "collectives",
        "usd_per_step", "usd_total", "why_not"]
NO_LIBTPU = {"TPU_LIBRARY_PATH": "/nowhere/libtpu.so"}


def libtpu():
    """Returns whether `podium plugin install tpu` was run, for the user or for this build."""
    data = pathlib.Path(os.environ.get("XDG_DATA_HOME", pathlib.Path.home() / ".local/share"))
    return "TPU_LIBRARY_PATH" in os.environ or (data / "podium/plugins/tpu/libtpu.so").exists()


class Plan(CommandTest):
    def refused(self, message, *arguments):
        ended = self.podium("plan", *arguments, **NO_LIBTPU)
        self.assertEqual(ended.returncode, 2, ended.stderr)
        self.assertIn(message, ended.stderr)

    def test_what_cannot_be_is_refused_with_what_can(self):
        self.refused("the nearest are v5e-4 (v5e:2x2), v5e-8 (v5e:2x4), v5e-16 (v5e:4x4)", CONFIG, "--on", "v5e-9")
        self.refused("did you mean v6e?", CONFIG, "--on", "v6f-8")
        self.refused("v5e-8 has 8 (8 chips); give --mesh data=8, or --on v5e-4", CONFIG, "--on", "v5e-8", "--mesh", "data=4")
        self.refused("a batch of 20 does not divide over the 8 devices of the mesh's axis \"data\"; give a batch of 24", CONFIG,
                     "--on", "v5e-8", "--set", "train.batch=20")
        self.refused("mesh axis \"rows\" splits nothing", CONFIG, "--on", "v5e-8", "--mesh", "rows=8")
        self.refused("--tokens many", CONFIG, "--on", "v5e-8", "--tokens", "many")
        self.refused("v5e=1.10", CONFIG, "--on", "v5e-8", "--price", "v5e=cheap")
        self.refused("train.batch is auto", CONFIG, "--on", "v5e-8", "--set", "train.batch=auto")
        self.refused("name a config", CONFIG)

    def test_a_plugin_that_is_not_there_is_the_candidates_answer(self):
        ended = self.podium("plan", CONFIG, *SMALL, "--on", "v5e-8", "--no-cache", "--json", **NO_LIBTPU)
        self.assertEqual(ended.returncode, 8, ended.stderr)
        self.assertIn("/nowhere/libtpu.so", json.loads(ended.stdout)["why_not"])
        missing = self.podium("plan", CONFIG, "--on", "v5e-8", "--plugin", "none.so")
        self.assertEqual((missing.returncode, "none.so" in missing.stderr), (2, True), missing.stderr)

    @unittest.skipUnless(libtpu(), "libtpu is not here: podium plugin install tpu --accept-license")
    def test_one_object_a_candidate_and_the_second_run_is_instant(self):
        arguments = ["plan", CONFIG, *SMALL, "--on", "v5e-8,v6e-8", "--tokens", "10B", "--json"]
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        ended = self.podium(*arguments, timeout=600, **cache)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        candidates = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertEqual([each["target"] for each in candidates], ["v5e-8", "v6e-8"])
        for each in candidates:
            self.assertEqual(list(each), KEYS)
            self.assertTrue(each["fits"])
            self.assertIsNone(each["why_not"])
            self.assertEqual(sum(each["memory"].values()), each["peak_bytes"])
            self.assertLess(each["peak_bytes"], each["limit_bytes"])
            self.assertGreater(each["usd_total"], each["usd_per_step"])
            self.assertEqual({row["axis"] for row in each["collectives"]}, {"data"})
        again = self.podium(*arguments, timeout=20, **cache)
        self.assertEqual(again.stdout, ended.stdout)
        self.assertIn("known from before", again.stderr)


if __name__ == "__main__":
    unittest.main()
