"""Every operation on every type, as users get it: right, or refused in words."""

import json
import unittest

from command import CommandTest


class WholeConformance(CommandTest):
    def test_every_operation_is_right_or_refused(self):
        for seed in ["0", "1", "2"]:
            ended = self.podium("conformance", "--json", "--seed", seed, timeout=600)
            *lines, total = map(json.loads, ended.stdout.splitlines())
            self.assertEqual([line for line in lines if line["verdict"] in ("wrong", "crashed")], [])
            self.assertGreaterEqual(total["cases"], 2700)


if __name__ == "__main__":
    unittest.main()
