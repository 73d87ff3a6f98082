"""StableHLO's own test vectors (tests/spec_vectors) through `podium run`: every one agrees, is refused in words, or is
known to differ."""

import json
import subprocess
import unittest

from command import COMMAND, PYTHON, SOURCE, CommandTest

# The CPU plugin takes denormal numbers for zero.
DENORMALS = {"ceil.0", "ceil.2", "ceil.3", "floor.0", "floor.2", "floor.3"}
# It keeps the NaN where the format has no bit to write one with.
NAN_WITHOUT_MANTISSA = {"reduce_precision.1"}
AGREE_AT_LEAST = 220


class Vectors(CommandTest):
    def test_all(self):
        ended = subprocess.run([PYTHON, SOURCE / "tools/spec_vectors.py",
                                *sorted((SOURCE / "tests/spec_vectors").glob("*.mlir")), "--json", "--podium", COMMAND],
                               capture_output=True, text=True, timeout=1400, check=False)
        *lines, counts = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertEqual(DENORMALS | NAN_WITHOUT_MANTISSA, {line["name"] for line in lines if line["state"] == "differs"},
                         ended.stdout)
        self.assertEqual((counts["crashed"], counts["hung"]), (0, 0), ended.stdout)
        self.assertGreaterEqual(counts["agrees"], AGREE_AT_LEAST, ended.stdout)


if __name__ == "__main__":
    unittest.main()
