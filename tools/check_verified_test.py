"""check_verified accepts a complete table and names what a broken one lacks."""

import unittest

import check_verified

COMPLETE = "".join(f"| {line} words | shown by `Tree.KeepsOrder` | run | nothing |\n"
                   for line in check_verified.REQUIREMENTS)
TESTS = {"Tree.KeepsOrder"}


class CheckVerified(unittest.TestCase):
    def test_a_complete_table_passes(self):
        self.assertEqual(check_verified.check(COMPLETE, TESTS), [])
        self.assertEqual(len(check_verified.REQUIREMENTS), 42)

    def test_a_missing_row_is_named(self):
        without = COMPLETE.replace("| B7 words", "| words")
        self.assertIn("B7 has no row", check_verified.check(without, TESTS))

    def test_a_row_too_many_is_named(self):
        self.assertIn("A12 is no line of the requirements", check_verified.check(COMPLETE + "| A12 | a | b | c |", TESTS))
        self.assertIn("A1 has 2 rows", check_verified.check(COMPLETE + "| A1 | a | b | c |", TESTS))

    def test_a_test_that_does_not_exist_is_named(self):
        self.assertEqual(check_verified.check(COMPLETE + "see `Tree.ForgetsOrder`", TESTS),
                         ["line 43: there is no test Tree.ForgetsOrder"])

    def test_an_empty_cell_is_named(self):
        self.assertIn("four filled cells", check_verified.check(COMPLETE.replace("| nothing |", "| |", 1), TESTS)[0])


if __name__ == "__main__":
    unittest.main()
