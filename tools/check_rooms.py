#!/usr/bin/env python3
"""Checks the rules between rooms, and prints a line for each place that breaks one.

- A file includes only its own room and the rooms that podium/rooms.txt lets it reach; a test also reaches
  the rooms in ROOM_TEST_LIBRARIES_<room> of cmake/rooms.cmake.
- Quoted includes are spelled "podium/room/file.h", in tests also "tests/support/file.h"; podium/podium.h is for rooms
  that reach all it includes.
- #if, #ifdef and #ifndef stand only in podium/base/platform.h and in a backend's folder (podium/runtime/X/).
- No function-like macros of our own.
- No file over 600 lines, unless its first line says why: "Long because ...".
"""

import re
import sys
from pathlib import Path

LINE_LIMIT = 600
COUNTED = {".h", ".cpp", ".py", ".cmake", ".sh"}
ROOM_LINE = re.compile(r"^([a-z_]+)\s+([a-z_/]+)\s*:\s*(.*)$")
TEST_LIBRARIES = re.compile(r"set\(ROOM_TEST_LIBRARIES_(\w+)\s+([^)]*)\)")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef)\b")
FUNCTION_MACRO = re.compile(r"^\s*#\s*define\s+(\w+)\(")


class Rooms:
    """The rooms of rooms.txt: their folders, and what each reaches."""

    def __init__(self, root):
        self.folders, self.arrows, self.test_rooms = {}, {}, {}
        for line in (root / "podium/rooms.txt").read_text().splitlines():
            if row := ROOM_LINE.match(line):
                self.folders[row[2]] = row[1]
                self.arrows[row[1]] = row[3].split()
        cmake = root / "cmake/rooms.cmake"
        for row in TEST_LIBRARIES.finditer(cmake.read_text() if cmake.exists() else ""):
            self.test_rooms[row[1]] = re.findall(r"\bpodium_(\w+)", row[2])

    def room_of(self, path):
        """The room whose folder holds `path` ("base/error.h"); None outside all rooms."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self.folders:
            folder = folder.rpartition("/")[0]
        return self.folders.get(folder)

    def reach(self, *rooms):
        reached, waiting = set(), list(rooms)
        while waiting:
            room = waiting.pop()
            if room not in reached:
                reached.add(room)
                waiting += self.arrows.get(room, [])
        return reached


def quoted_includes(path):
    """(line number, included path) of each quoted include."""
    lines = path.read_text().splitlines()
    return [(i, found[1]) for i, line in enumerate(lines, 1) if (found := INCLUDE.match(line))]


def check_source(root, rooms, path):
    inside = path.relative_to(root / "podium").as_posix()
    where = path.relative_to(root).as_posix()
    room = rooms.room_of(inside)
    if room is None and "/" in inside:
        yield f"{where}: the folder is no room; add a line to podium/rooms.txt"
        return
    starts = [room, *(rooms.test_rooms.get(room, []) if path.stem.endswith("_test") else [])]
    reached = rooms.reach(*starts)
    backend = inside.startswith("runtime/") and inside.count("/") >= 2
    for number, include in quoted_includes(path):
        at = f"{where}:{number}"
        if not include.startswith("podium/"):
            if not backend and not (path.stem.endswith("_test") and include.startswith("tests/support/")):
                yield f'{at}: "{include}" is not spelled "podium/room/file.h"'
            continue
        target = include.removeprefix("podium/")
        if "/" not in target:
            umbrella = root / include
            needed = {rooms.room_of(i.removeprefix("podium/")) for _, i in quoted_includes(umbrella)} \
                if umbrella.exists() else set()
        else:
            needed = {rooms.room_of(target)}
        if None in needed:
            yield f"{at}: {include} lies in no room of podium/rooms.txt"
        elif room and (beyond := needed - reached):
            yield f"{at}: room {room} may not include {', '.join(sorted(beyond))} ({include})"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if CONDITION.match(line) and not backend and inside != "base/platform.h":
            yield f"{where}:{number}: conditional compilation belongs in base/platform.h or a backend's folder"
        if found := FUNCTION_MACRO.match(line):
            yield f"{where}:{number}: function-like macro {found[1]}; write a function"


def check_length(root, path):
    lines = path.read_text().splitlines()
    if len(lines) > LINE_LIMIT and "Long because" not in lines[0]:
        yield f"{path.relative_to(root)}: {len(lines)} lines, more than {LINE_LIMIT}; split it, or say why in line 1"


def check(root):
    """Returns one message for each broken rule, in the order of the files."""
    rooms = Rooms(root)
    problems = []
    for path in sorted((root / "podium").rglob("*")):
        if path.suffix in {".h", ".cpp"}:
            problems += check_source(root, rooms, path)
    for folder in ("podium", "tests", "bench", "examples", "tools", "cmake"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in COUNTED:
                problems += check_length(root, path)
    return problems


def main():
    problems = check(Path(__file__).resolve().parent.parent)
    print("\n".join(problems) if problems else "check_rooms: every rule between rooms holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
