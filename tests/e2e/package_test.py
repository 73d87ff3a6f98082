"""The Debian package: what it needs, what is in it, and that its command runs where it was unpacked."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from command import SOURCE

BUILD = pathlib.Path(os.environ.get("PODIUM_BUILD", SOURCE / "build/release"))


@unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "no Debian tools here")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="podium-package-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.run_tool("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.folder)
        cls.package, = cls.folder.glob("podium_*_*.deb")

    @classmethod
    def run_tool(cls, *words):
        ended = subprocess.run(list(map(str, words)), cwd=cls.folder, capture_output=True, text=True, timeout=240,
                               check=False)
        if ended.returncode != 0:
            raise AssertionError(f"{words} ended with {ended.returncode}: {ended.stdout}\n{ended.stderr}")
        return ended.stdout

    def test_it_depends_on_the_libraries_that_are_linked(self):
        depends = self.run_tool("dpkg-deb", "-f", self.package, "Depends")
        for library in ("libc6", "libstdc++6", "libfmt9", "libcurl4", "libarchive13"):
            self.assertIn(f"{library} (>= ", depends)
        self.assertEqual(self.run_tool("dpkg-deb", "-f", self.package, "Package").strip(), "podium")

    def test_it_holds_what_is_installed(self):
        content = self.run_tool("dpkg-deb", "-c", self.package)
        for file in ("bin/podium", "include/podium/podium.h", "lib/cmake/podium/podiumConfig.cmake",
                     "share/bash-completion/completions/podium", "share/zsh/vendor-completions/_podium",
                     "share/fish/vendor_completions.d/podium.fish", "share/man/man1/podium.1",
                     "share/doc/podium/copyright"):
            self.assertIn(f" ./usr/{file}\n", content)
        self.assertNotIn("/test", content)

    def test_the_command_runs_where_it_was_unpacked(self):
        root = self.folder / "root"
        self.run_tool("dpkg", "-x", self.package, root)
        self.assertRegex(self.run_tool(root / "usr/bin/podium", "--version"), r"^podium \d+\.\d+\.\d+\ncommit ")
        self.assertIn("podium train", self.run_tool(root / "usr/bin/podium", "train", "--help"))


if __name__ == "__main__":
    unittest.main()
