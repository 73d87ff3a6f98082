import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
import check_sample


class CheckSample(unittest.TestCase):
    def test_share_counts_all_words_but_the_last(self):
        self.assertEqual(check_sample.known_share("The mesh gribbles the me", "the MESH"), 0.75)
        self.assertEqual(check_sample.known_share("", "the"), 0.0)

    def test_longest_copy_is_found_wherever_it_is(self):
        self.assertEqual(check_sample.longest_copy(b"xxhello worldyy", b"say hello world."), len(b"hello world"))
        self.assertEqual(check_sample.longest_copy(b"", b"abc"), 0)

    def test_fails_for_a_copy_and_passes_without(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "corpus").mkdir()
            (folder / "corpus/a.txt").write_text("redistribution and use in source and binary forms are permitted")
            (folder / "metrics.jsonl").write_text(json.dumps({"event": "eval", "loss": 2.0}) + "\n")
            for sample, code in (("use source in binary and forms", 0), ("Redistribution and use in source and binary forms are", 1)):
                (folder / "sample.txt").write_text(sample)
                tool = subprocess.run([sys.executable, check_sample.__file__, "--corpus", folder / "corpus", "--sample",
                                       folder / "sample.txt", "--metrics", folder / "metrics.jsonl"], capture_output=True)
                self.assertEqual(tool.returncode, code, tool.stdout)


if __name__ == "__main__":
    unittest.main()
