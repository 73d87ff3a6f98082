#!/usr/bin/env python3
"""Checks docs/verified.md: one row for each line of the requirements, and every test it names exists.

Usage: check_verified.py [--build build/release]. Tests are named in backticks as ctest names them: `Suite.Name`.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = [f"{part}{i}" for part, count in {"A": 11, "B": 10, "C": 10, "D": 7, "E": 4}.items()
                for i in range(1, count + 1)]
ROW = re.compile(r"^\|\s*([A-E]\d+)\b")
TEST = re.compile(r"`([A-Z]\w*(?:/\w+)*\.[A-Z]\w*(?:/\w+)*(?:<\d+>)?)`")


def tests_of(build):
    """The names of all tests in a build folder."""
    listing = subprocess.run(["ctest", "--test-dir", build, "-N"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^\s*Test\s+#\d+: (\S+)", listing, re.MULTILINE))


def check(text, tests):
    """Returns one message for each requirement without its row, each row too many, and each test that is not there."""
    rows = [found[1] for line in text.splitlines() if (found := ROW.match(line))]
    problems = [f"{line} has no row" for line in REQUIREMENTS if line not in rows]
    problems += [f"{line} is no line of the requirements" for line in rows if line not in REQUIREMENTS]
    problems += [f"{line} has {rows.count(line)} rows" for line in REQUIREMENTS if rows.count(line) > 1]
    for number, line in enumerate(text.splitlines(), 1):
        problems += [f"line {number}: there is no test {name}" for name in TEST.findall(line) if name not in tests]
        if ROW.match(line) and (cells := line.strip().strip("|").split("|")) and (
                len(cells) != 4 or not all(cell.strip() for cell in cells)):
            problems.append(f"line {number}: a row has four filled cells: line, what shows it, how checked, what remains")
    return problems


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(root / "build/release"))
    tests = tests_of(parser.parse_args().build)
    problems = check((root / "docs/verified.md").read_text(), tests)
    print("\n".join(f"docs/verified.md: {problem}" for problem in problems)
          if problems else f"docs/verified.md: {len(REQUIREMENTS)} rows; every test it names is one of {len(tests)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
