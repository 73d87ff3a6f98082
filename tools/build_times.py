#!/usr/bin/env python3
"""Prints a build's slowest translation units from its .ninja_log; fails where one, or all, took too long.

Usage: build_times.py .ninja_log --total SECONDS
"""

import argparse
import sys
from pathlib import Path

UNIT_LIMIT_S = 15.0
TOTAL_LIMIT_S = 300.0
SHOWN = 15


def unit_times(log):
    """(seconds, output) of each object and precompiled header, slowest first; the last entry of an output counts."""
    times = {}
    for line in log.splitlines():
        columns = line.split("\t")
        if len(columns) == 5 and columns[3].endswith((".o", ".gch")):
            times[columns[3]] = (int(columns[1]) - int(columns[0])) / 1000
    return sorted(((seconds, output) for output, seconds in times.items()), key=lambda row: (-row[0], row[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--total", type=float, required=True)
    arguments = parser.parse_args()
    rows = unit_times(arguments.log.read_text())
    for seconds, output in rows[:SHOWN]:
        print(f"{seconds:6.1f} s  {output}")
    print(f"{arguments.total:6.1f} s  in all, {len(rows)} translation units")
    slow = [output for seconds, output in rows if seconds > UNIT_LIMIT_S]
    if slow:
        print(f"over {UNIT_LIMIT_S:.0f} s: {', '.join(slow)}")
    if arguments.total > TOTAL_LIMIT_S:
        print(f"the whole build took more than {TOTAL_LIMIT_S:.0f} s")
    return 1 if slow or arguments.total > TOTAL_LIMIT_S else 0


if __name__ == "__main__":
    sys.exit(main())
