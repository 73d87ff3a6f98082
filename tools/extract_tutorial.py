#!/usr/bin/env python3
"""Makes a C++ program of a document's code blocks, and compares what it prints with the output the document shows.

Usage: extract_tutorial.py DOCUMENT --cpp OUT.cpp
       extract_tutorial.py DOCUMENT --run PROGRAM
Blocks fenced as ```cpp are the body of main, in order; those fenced as ```cpp file stand before it. Where there is
no body, a file block has main itself. Blocks fenced as ```text are the output. All other fences are left alone.
Compilers and podium's own messages name the document's lines.
"""

import argparse
import difflib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 300


def blocks(text):
    """(what stands after the fence, number of the first line, lines) of every fenced block."""
    found, opened = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if opened is not None and line.strip() == "```":
            found.append(opened)
            opened = None
        elif opened is not None:
            opened[2].append(line)
        elif line.startswith("```"):
            opened = (line[3:].strip(), number + 1, [])
    if opened is not None:
        raise ValueError(f"line {opened[1] - 1}: the block is not closed")
    return found


def program(text, name):
    """The document as one C++ source."""
    def code(kind):
        return [f'#line {number} "{name}"\n' + "\n".join(lines) for info, number, lines in blocks(text) if info == kind]
    body = code("cpp")
    main = ["int main() {", *body, "}"] if body else []
    return "\n".join([*code("cpp file"), *main, ""])


def output(text):
    """What the document says that the program prints."""
    return "".join(line + "\n" for info, _, lines in blocks(text) if info == "text" for line in lines)


def difference(text, printed, name):
    """A unified diff from the document's output to the program's; empty where they agree."""
    return "".join(difflib.unified_diff(output(text).splitlines(True), printed.splitlines(True), name, "the program"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("document", type=Path)
    parser.add_argument("--cpp", type=Path)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    text = options.document.read_text()
    name = options.document.resolve().relative_to(ROOT).as_posix()
    if options.cpp:
        options.cpp.parent.mkdir(parents=True, exist_ok=True)
        options.cpp.write_text(program(text, name))
    if options.run:
        done = subprocess.run([options.run.resolve()], cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
        different = difference(text, done.stdout, name)
        print(different or f"{name}: the program prints what the document shows")
        return done.returncode or bool(different)
    return 0


if __name__ == "__main__":
    sys.exit(main())
