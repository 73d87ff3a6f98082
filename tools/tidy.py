#!/usr/bin/env python3
"""Runs clang-tidy-16 on source files, several at once, and starts none after a time limit.

Usage: tidy.py --build build/lint [--jobs 2] [--seconds 300] FILE...
A header is checked through the source file beside it. Files not reached in time are counted aloud.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def sources_of(files):
    """The translation units that show `files`, each once."""
    units = []
    for file in map(Path, files):
        source = file.with_suffix(".cpp")
        unit = str(source if source.exists() else file)
        if unit not in units:
            units.append(unit)
    return units


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=0, help="0: no limit")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    units = sources_of(arguments.files)
    deadline = time.monotonic() + arguments.seconds if arguments.seconds else None

    def tidy(unit):
        """None where time ran out, else (passed, what clang-tidy said)."""
        if deadline and time.monotonic() > deadline:
            return None
        run = subprocess.run(["clang-tidy-16", "--quiet", "-p", arguments.build, unit], capture_output=True, text=True)
        return run.returncode == 0, run.stdout or run.stderr

    with ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(tidy, units))
    failed = [unit for unit, result in zip(units, results) if result and not result[0]]
    for unit, result in zip(units, results):
        if unit in failed:
            print(result[1])
    unreached = results.count(None)
    print(f"clang-tidy: {len(units) - unreached} of {len(units)} files checked, {len(failed)} with findings")
    if unreached:
        print(f"clang-tidy: {unreached} files not reached in {arguments.seconds} s; ./dev lint --all takes them all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
