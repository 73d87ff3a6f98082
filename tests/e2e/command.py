"""Runs the built command for the tests beside this file."""

import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("PODIUM_COMMAND", str(SOURCE / "build/release/bin/podium"))
PYTHON = os.environ.get("PODIUM_PYTHON", str(SOURCE / "build/venv/bin/python"))


def folder_hash(folder):
    """Returns a hash of every name and byte below a folder."""
    digest = hashlib.sha256()
    for path in sorted(pathlib.Path(folder).rglob("*")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class CommandTest(unittest.TestCase):
    """Gives each test class a folder of its own, in which commands run."""

    @classmethod
    def setUpClass(cls):
        cls._temporary = tempfile.TemporaryDirectory(prefix="podium-e2e-")
        cls.addClassCleanup(cls._temporary.cleanup)
        cls.folder = pathlib.Path(cls._temporary.name)

    @classmethod
    def podium(cls, *arguments, timeout=240, **environment):
        """Returns the finished process of `podium ARGUMENTS`."""
        return subprocess.run([COMMAND, *map(str, arguments)], cwd=cls.folder, capture_output=True, text=True,
                              errors="replace", timeout=timeout, check=False, env=os.environ | environment)

    @classmethod
    def done(cls, *arguments):
        """Returns what the command prints; fails the test where it ends with anything but 0."""
        ended = cls.podium(*arguments)
        if ended.returncode != 0:
            raise AssertionError(f"podium {arguments} ended with {ended.returncode}: {ended.stderr}")
        return ended.stdout

    @classmethod
    def numpy(cls, script):
        """Runs a script in the test environment, which has NumPy and ml_dtypes."""
        script = "import numpy as np, ml_dtypes\n" + script
        ended = subprocess.run([PYTHON, "-c", script], cwd=cls.folder, capture_output=True, text=True, timeout=120,
                               check=False)
        if ended.returncode != 0:
            raise AssertionError(f"{PYTHON}: {ended.stderr}")
        return ended.stdout

    def expect_refusal(self, arguments, code, message):
        """The command ends with that code, says that on stderr, and leaves the folder as it was."""
        before = folder_hash(self.folder)
        ended = self.podium(*arguments)
        said = f"podium {' '.join(map(str, arguments))}\nexit {ended.returncode}\n{ended.stderr}"
        self.assertEqual(ended.returncode, code, said)
        self.assertIn(message, ended.stderr, said)
        self.assertIn("podium: ", ended.stderr, said)
        self.assertEqual(folder_hash(self.folder), before, f"the folder changed: {said}")
