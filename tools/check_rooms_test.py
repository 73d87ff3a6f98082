"""Each rule of check_rooms fails on a tree that breaks it, and a clean tree passes."""

import tempfile
import unittest
from pathlib import Path

import check_rooms

CLEAN = {
    "podium/rooms.txt": "# rooms\nbase base :\nruntime runtime : base\npjrt runtime/pjrt : runtime\ncli cli : pjrt\n",
    "cmake/rooms.cmake": "set(ROOM_TEST_LIBRARIES_base podium_runtime GTest::gmock)\n",
    "podium/podium.h": '#pragma once\n#include "podium/base/error.h"\n#include "podium/runtime/device.h"\n',
    "podium/base/error.h": "#pragma once\n",
    "podium/base/platform.h": "#ifdef __linux__\n#endif\n",
    "podium/base/error_test.cpp": '#include "podium/runtime/device.h"\n',
    "podium/runtime/device.h": '#include "podium/base/error.h"\n#define LIMIT (3)\n',
    "podium/runtime/pjrt/api.cpp": '#include "pjrt_c_api.h"\n#include "podium/base/error.h"\n#if 1\n#endif\n',
    "podium/cli/main.cpp": '#include "podium/podium.h"\n#include "podium/runtime/pjrt/api.h"\n',
}


def problems_with(changes):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {**CLEAN, **changes}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return check_rooms.check(root)


class CheckRooms(unittest.TestCase):
    def expect(self, changes, *parts):
        problems = problems_with(changes)
        self.assertEqual(len(problems), 1, problems)
        for part in parts:
            self.assertIn(part, problems[0])

    def test_a_clean_tree_passes(self):
        self.assertEqual(problems_with({}), [])

    def test_an_include_against_the_arrows_fails(self):
        self.expect({"podium/base/tree.h": '\n#include "podium/runtime/device.h"\n'},
                    "podium/base/tree.h:2", "room base may not include runtime")

    def test_only_tests_reach_their_test_libraries(self):
        self.expect({"podium/base/error.cpp": '#include "podium/runtime/device.h"\n'}, "room base may not include")

    def test_a_nested_room_is_not_part_of_its_parent(self):
        self.expect({"podium/runtime/device.cpp": '#include "podium/runtime/pjrt/api.h"\n'},
                    "room runtime may not include pjrt")

    def test_the_umbrella_header_is_not_for_low_rooms(self):
        self.expect({"podium/base/error.h": '#include "podium/podium.h"\n'}, "room base may not include runtime")

    def test_only_tests_include_their_support(self):
        self.assertEqual(problems_with({"podium/base/error_test.cpp": '#include "tests/support/python.h"\n'}), [])
        self.expect({"podium/base/error.cpp": '#include "tests/support/python.h"\n'}, "is not spelled")

    def test_an_include_of_no_room_fails(self):
        self.expect({"podium/cli/main.cpp": '#include "podium/attic/old.h"\n'}, "lies in no room")

    def test_a_folder_that_is_no_room_fails(self):
        self.expect({"podium/attic/old.h": "\n"}, "the folder is no room")

    def test_a_short_include_fails(self):
        self.expect({"podium/runtime/device.cpp": '#include "device.h"\n'}, "is not spelled")

    def test_conditional_compilation_fails(self):
        for line in ("#ifdef X", "# ifndef X", "#if defined(X)"):
            self.expect({"podium/runtime/device.cpp": f"{line}\n#endif\n"}, "conditional compilation")

    def test_a_function_like_macro_fails_even_in_a_backend(self):
        self.expect({"podium/runtime/pjrt/api.h": "#define CALL(x) x\n"}, "function-like macro CALL")

    def test_a_long_file_fails_unless_its_first_line_says_why(self):
        self.expect({"tools/long.py": "pass\n" * 601}, "601 lines")
        self.assertEqual(problems_with({"tools/long.py": "# Long because it is a table.\n" + "pass\n" * 700}), [])


if __name__ == "__main__":
    unittest.main()
