"""`podium conformance` and `podium ops`: a fast part of what tests/e2e/slow/whole_conformance_test.py runs whole."""

import json
import unittest

from command import CommandTest


class Conformance(CommandTest):
    def findings(self, *words, code=0):
        ended = self.podium("conformance", "--json", *words)
        self.assertEqual(ended.returncode, code, ended.stdout[-2000:] + ended.stderr[-2000:])
        *lines, total = map(json.loads, ended.stdout.splitlines())
        self.assertEqual(sorted(total), ["cases", "close", "crashed", "exact", "refused", "seconds", "wrong"])
        self.assertEqual(total["cases"], total["exact"] + len(lines))
        return lines, total

    def test_operations_are_right_or_refused(self):
        for op in ["add", "maximum", "gather", "divide", "scatter"]:
            lines, total = self.findings("--op", op)
            self.assertGreater(total["exact"], total["cases"] / 2, op)
            self.assertEqual([line for line in lines if line["verdict"] in ("wrong", "crashed")], [], op)

    def test_the_bare_plugin_loses_nans(self):
        lines, _ = self.findings("--op", "maximum", "--raw", "--repeats", "2", code=5)
        wrong = [line for line in lines if line["verdict"] == "wrong"]
        self.assertIn("nan", " ".join(line["detail"] for line in wrong))

    def test_a_seed_gives_the_same_cases_again(self):
        self.assertEqual(self.findings("--op", "tanh", "--seed", "5")[0], self.findings("--op", "tanh", "--seed", "5")[0])

    def test_unknown_operations_are_named(self):
        ended = self.podium("conformance", "--op", "sqare")
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn('no operation "sqare"', ended.stderr)
        ended = self.podium("conformance", "--op", "infeed")
        self.assertIn("nothing to compare", ended.stderr)

    def test_ops_lists_every_row(self):
        rows = json.loads(self.done("ops", "--json"))
        self.assertGreaterEqual(len(rows), 150)
        self.assertEqual(list(rows[0]), ["name", "stablehlo", "family", "vjp", "jvp", "vmap", "dtypes", "spec"])
        dot = next(row for row in rows if row["name"] == "dot_general")
        self.assertEqual((dot["vjp"], dot["vmap"], dot["family"]), (True, True, "contraction"))
        self.assertNotIn("bool", dot["dtypes"])
        self.assertIn("yes", self.done("ops"))


if __name__ == "__main__":
    unittest.main()
