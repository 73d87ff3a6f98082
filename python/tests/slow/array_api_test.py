"""The array API's own tests on the module: nine tenths pass at least, and each that does not has its reason in a list.

They run on the interpreter, which takes each operation's reference: the CPU plugin would compile for hours what hypothesis
draws, and `podium conformance` compares it with those references."""

import json
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[2]
SUITE = pathlib.Path(os.environ.get("PODIUM_ARRAY_API_TESTS", SOURCE / "build/tools/array-api-tests"))
EXAMPLES = os.environ.get("PODIUM_ARRAY_API_EXAMPLES", "20")
EXPECTED_FAILURES = HERE / "array_api_expected_failures.txt"


def expected_failures():
    """Returns the tests that are known to fail; a reason stands above each group, after #."""
    lines = [line.strip() for line in EXPECTED_FAILURES.read_text().splitlines()]
    return {line for line in lines if line and not line.startswith("#")}


@unittest.skipUnless((SUITE / "array-api/spec").exists(), f"{SUITE} is not there: ./dev test-all fetches it")
class ArrayApiTest(unittest.TestCase):
    def test_nine_tenths_pass_and_the_others_are_listed(self):
        packages = sysconfig.get_path("platlib", vars={"platbase": str(SOURCE / "build/env")})
        path = os.pathsep.join([os.environ.get("PODIUM_MODULE", packages), packages, str(HERE)])
        with tempfile.TemporaryDirectory(prefix="podium-array-api-") as folder:
            report = pathlib.Path(folder, "report.json")
            command = [sys.executable, "-m", "pytest", "-q", "-p", "on_interpreter", "-n", str(os.cpu_count()), "--derandomize",
                       "--max-examples", EXAMPLES, "--disable-deadline", "--json-report", f"--json-report-file={report}",
                       "array_api_tests"]  # fmt: skip
            environment = {**os.environ, "PYTHONPATH": path, "ARRAY_API_TESTS_MODULE": "podium"}
            ended = subprocess.run(command, cwd=SUITE, text=True, capture_output=True, env=environment)
            self.assertTrue(report.exists(), ended.stdout[-2000:] + ended.stderr[-2000:])
            outcomes = {test["nodeid"]: test["outcome"] for test in json.loads(report.read_text())["tests"]}
        failed = {name for name, outcome in outcomes.items() if outcome in ("failed", "error")}
        passed = sum(outcome == "passed" for outcome in outcomes.values())
        print(f"{passed} of {passed + len(failed)} passed")
        self.assertGreater(passed, 1000)
        self.assertGreaterEqual(passed / (passed + len(failed)), 0.9)
        self.assertEqual(failed - expected_failures(), set(), "these fail and are not listed")


if __name__ == "__main__":
    unittest.main()
