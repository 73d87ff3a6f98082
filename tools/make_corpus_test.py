"""make_corpus drops repeated paragraphs, keeps new ones, and gives the same bytes each time."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import make_corpus

GRANT = "Permission is hereby granted free of charge to any person obtaining a copy of this software"


class MakeCorpus(unittest.TestCase):
    def test_a_repeated_paragraph_is_dropped_whatever_its_case_and_line_breaks(self):
        seen = set()
        self.assertIn("granted", make_corpus.without_repeats(GRANT, seen))
        second = make_corpus.without_repeats(" New words that nobody wrote before.\n .\n " + GRANT.upper().replace(" ", "\n ", 5), seen)
        self.assertEqual(second, "New words that nobody wrote before.\n")

    def test_a_paragraph_that_only_begins_like_another_is_kept(self):
        seen = set()
        make_corpus.without_repeats(GRANT, seen)
        longer = GRANT + " and then goes on about something else altogether for so long that most of it was never seen before" + " words of its own" * 9
        self.assertEqual(make_corpus.without_repeats(longer, seen), longer + "\n")

    def test_only_prose_stays(self):
        text = "a\n   b\tc\n=======\nFiles: src/*\n 2019 A. Person <a@example.org>\nd... -- License: e"
        self.assertEqual(make_corpus.prose(text), "a\n b c\n===\nd... -- License: e")

    def test_links_are_left_out_and_two_runs_are_equal(self):
        with tempfile.TemporaryDirectory() as folder:
            root, system = Path(folder, "root"), Path(folder, "system")
            for path in (root / "docs/one.md", system / "common-licenses/GPL-3", system / "doc/bash/copyright"):
                path.parent.mkdir(parents=True)
                path.write_text("\n\n".join(" ".join(f"{path.name}{i}{word}" for word in GRANT.split()) for i in range(20)))
            (system / "common-licenses/GPL").symlink_to("GPL-3")
            self.assertEqual([name for name, _ in make_corpus.sources(root, system, ["bash", "zsh"])],
                             ["podium/docs/one.md", "licenses/GPL-3", "packages/bash"])
            runs = []
            for _ in range(2):
                arguments = ["make_corpus", "--out", f"{folder}/out", "--root", str(root), "--system", str(system)]
                with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(io.StringIO()), \
                        mock.patch.object(make_corpus, "base_packages", lambda: ["bash"]):
                    self.assertEqual(make_corpus.main(), 0)
                runs.append({path.name: path.read_bytes() for path in Path(folder, "out").rglob("*.txt")})
            self.assertEqual(runs[0], runs[1])
            self.assertIn("one.txt", runs[0])


if __name__ == "__main__":
    unittest.main()
