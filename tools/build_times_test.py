"""build_times reads ninja's log as ninja writes it."""

import unittest

import build_times

LOG = "# ninja log v5\n0\t9000\t1\ta.cpp.o\tff\n10\t1510\t1\ta.cpp.o\tff\n5\t2005\t1\tb.cpp.o\tff\n0\t99000\t1\tbin/x\tff\n"


class BuildTimes(unittest.TestCase):
    def test_the_slowest_unit_comes_first_and_a_rebuild_counts_once(self):
        self.assertEqual(build_times.unit_times(LOG), [(2.0, "b.cpp.o"), (1.5, "a.cpp.o")])


if __name__ == "__main__":
    unittest.main()
