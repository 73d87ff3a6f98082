"""`cmake --install` into a folder that is then moved: the command runs from there, and a CMake project links podium."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from command import SOURCE

BUILD = pathlib.Path(os.environ.get("PODIUM_BUILD", SOURCE / "build/release"))
LARGEST_PACKAGE = 15e6
VARIABLES_OF_DISCOVERY = ("PJRT_NAMES_AND_LIBRARY_PATHS", "TPU_LIBRARY_PATH", "VIRTUAL_ENV")


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="podium-install-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.prefix = cls.folder / "moved"
        cls.environment = {name: value for name, value in os.environ.items() if name not in VARIABLES_OF_DISCOVERY}
        cls.environment |= {"HOME": str(cls.folder), "XDG_DATA_HOME": str(cls.folder / "data")}
        plugins = cls.folder / "data/podium/plugins"
        plugins.mkdir(parents=True)
        shutil.copytree(SOURCE / "build/plugins/cpu", plugins / "cpu", copy_function=os.symlink)
        cls.run_tool("cmake", "--install", BUILD, "--prefix", cls.folder / "first", "--strip")
        (cls.folder / "first").rename(cls.prefix)

    @classmethod
    def run_tool(cls, *words):
        ended = subprocess.run(list(map(str, words)), cwd=cls.folder, env=cls.environment, capture_output=True,
                               text=True, timeout=240, check=False)
        if ended.returncode != 0:
            raise AssertionError(f"{words} ended with {ended.returncode}: {ended.stdout}\n{ended.stderr}")
        return ended.stdout

    def test_the_command_finds_the_plugin_of_the_data_folder(self):
        plugins = json.loads(self.run_tool(self.prefix / "bin/podium", "devices", "--json"))["plugins"]
        self.assertEqual([plugin["found_through"] for plugin in plugins if plugin["default"]], ["user's data folder"])

    def test_a_project_of_ten_lines_consumes_it(self):
        project = SOURCE / "tests/consumer"
        self.assertLessEqual(len((project / "CMakeLists.txt").read_text().splitlines()), 10)
        build = self.folder / "consumer"
        self.run_tool("cmake", "-S", project, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.run_tool("cmake", "--build", build)
        self.assertEqual(self.run_tool(build / "consumer"), "cpu:0 6\n")
        self.environment["PJRT_NAMES_AND_LIBRARY_PATHS"] = f"cpu:{SOURCE / 'build/plugins/cpu/xla_cpu_pjrt.so'}"
        self.addCleanup(self.environment.pop, "PJRT_NAMES_AND_LIBRARY_PATHS")
        self.assertEqual(self.run_tool(build / "consumer"), "cpu:0 6\n")

    def test_the_package_names_no_folder_of_its_build(self):
        for file in (file for file in self.prefix.rglob("*") if file.is_file()):
            content = file.read_bytes()
            for folder in (SOURCE, BUILD, self.folder):
                self.assertIsNone(re.search(re.escape(f"{folder}/").encode(), content), f"{file} names {folder}")

    def test_completions_and_manual_are_there(self):
        for file in ("bash-completion/completions/podium", "zsh/site-functions/_podium",
                     "fish/vendor_completions.d/podium.fish", "man/man1/podium.1", "doc/podium/copyright",
                     "podium/prometheus/podium.rules.yml"):
            self.assertIn("podium", (self.prefix / "share" / file).read_text(), file)

    def test_the_package_is_small(self):
        size = sum(file.stat().st_size for file in self.prefix.rglob("*") if file.is_file() and not file.is_symlink())
        self.assertLess(size, LARGEST_PACKAGE)


if __name__ == "__main__":
    unittest.main()
