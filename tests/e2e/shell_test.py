"""The completions and the manual page that `podium reference` writes, read by the shells and by man themselves."""

import json
import shutil
import subprocess
import unittest

from command import COMMAND, CommandTest


def run(*words, **options):
    return subprocess.run(list(words), capture_output=True, text=True, timeout=60, check=False, **options)


class Shell(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for form in ("bash", "zsh", "fish", "man"):
            (cls.folder / form).write_text(cls.done("reference", form))

    def expect_completions(self, complete):
        for line, words in [
                ("podium tr", ["train"]),
                ("podium d", ["dashboard", "devices", "doctor"]),
                ("podium --li", ["--licenses"]),
                ("podium train --resu", ["--resume"]),
                ("podium train gpt.yaml --da", ["--data"]),
                ("podium plugin ", ["install", "list", "remove"]),
                ("podium plugin install --acc", ["--accept-license"]),
                ("podium plugin list --o", []),
                ("podium reference b", ["bash"]),
                ("podium devices --in-ch", []),
        ]:
            with self.subTest(line):
                found = complete(line)
                self.assertEqual(found if line[-1] != " " else [word for word in found if word[0] != "-"], words)

    def test_bash(self):
        script = ("source ./bash; IFS=' ' read -ra COMP_WORDS <<<\"$1\"; [[ $1 != *' ' ]] || COMP_WORDS+=('')\n"
                  "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _podium; printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p podium")

        def complete(line):
            ended = run("bash", "-uc", script, "-", line, cwd=self.folder)
            self.assertEqual(ended.stderr, "")
            *words, definition = ended.stdout.split("\n")[:-1]
            self.assertEqual(definition, "complete -o default -F _podium podium")
            return sorted(filter(None, words))
        self.expect_completions(complete)
        self.assertEqual(complete("podium train --data "), [])  # readline's file names

    @unittest.skipUnless(shutil.which("fish"), "no fish here")
    def test_fish(self):
        def complete(line):
            ended = run("fish", "--no-config", "-c", "source ./fish; complete -C $argv[1]", line, cwd=self.folder)
            self.assertEqual(ended.stderr, "")
            words = [row.split("\t")[0] for row in ended.stdout.splitlines()]
            return sorted(word for word in words if not (self.folder / word).exists() or word in line or "bash" == word)
        self.expect_completions(complete)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh_reads_it(self):
        ended = run("zsh", "-fn", self.folder / "zsh")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_the_manual_renders_without_warnings(self):
        ended = run("groff", "-man", "-Tutf8", "-ww", "-rLL=80n", self.folder / "man")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        text = run("col", "-bx", input=ended.stdout).stdout if shutil.which("col") else ended.stdout
        for phrase in ("PODIUM(1)", "EXIT STATUS", "podium plugin install", "PJRT_NAMES_AND_LIBRARY_PATHS"):
            self.assertIn(phrase, text)

    def test_everything_that_help_lists_is_in_the_manual(self):
        page = (self.folder / "man").read_text().replace("\\-", "-")
        script = "source ./bash; COMP_WORDS=(podium ''); COMP_CWORD=1; _podium; printf '%s\\n' \"${COMPREPLY[@]}\""
        for word in run("bash", "-c", script, cwd=self.folder).stdout.split():
            self.assertIn(word if word.startswith("-") else f".SS podium {word}\n", page)

    def test_forms_go_to_stdout_only(self):
        self.expect_refusal(("reference", "man", "--out", "pages"), 2, "goes to stdout")
        self.expect_refusal(("reference", "csh"), 2, "csh")
        self.assertEqual(json.loads(run(COMMAND, "reference", "csh", "--json").stdout)["event"], "error")


if __name__ == "__main__":
    unittest.main()
