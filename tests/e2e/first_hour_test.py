"""docs/first-hour.md, typed by a stranger: each command runs, and what the page shows is what it answers."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from command import COMMAND, SOURCE, CommandTest

DOCUMENT = SOURCE / "docs/first-hour.md"
ELISION = "…"


def typed(text):
    """Returns (line, command, answer shown) of each command of the document."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append((number, line[2:], []))
        elif inside:
            found[-1][2].append(line)
    return found


def pattern_of(shown):
    """Returns what matches an answer: an elision is any part of a line, or on a line of its own any lines."""
    parts = []
    for line in shown:
        if line == ELISION:
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append("[^\n]*".join(map(re.escape, line.rstrip().split(ELISION))) + r"[ ]*\n")
    return "".join(parts)


class FirstHour(CommandTest):
    def test_the_matcher_knows_what_is_left_out(self):
        for shown, said, same in ((["a …", "…", "d"], "a b\nc\nd\n", True), (["a …", "…", "d"], "a b\nd\n", True),
                                  (["a …"], "a b\nc\n", False), (["a.c"], "abc\n", False), ([], "a\n", False)):
            self.assertEqual(re.fullmatch(pattern_of(shown), said) is not None, same, (shown, said))

    def test_every_command_answers_as_the_page_shows(self):
        shutil.copytree(SOURCE / "docs/how-to", self.folder / "notes")
        words = os.environ | {"PATH": f"{pathlib.Path(COMMAND).parent}:{os.environ['PATH']}"}
        commands = typed(DOCUMENT.read_text())
        self.assertGreaterEqual(len(commands), 9)
        for number, command, shown in commands:
            ended = subprocess.run(["bash", "-c", command], cwd=self.folder, env=words, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace", timeout=240, check=False)
            told = f"{DOCUMENT.name}:{number}: {command}\n{ended.stdout}"
            self.assertEqual(ended.returncode, 0, told)
            said = ended.stdout if ended.stdout.endswith("\n") else ended.stdout + "\n"
            self.assertRegex(said, rf"\A{pattern_of(shown)}\Z", told)
        self.assertIn("<svg", (self.folder / "both.svg").read_text())


if __name__ == "__main__":
    unittest.main()
