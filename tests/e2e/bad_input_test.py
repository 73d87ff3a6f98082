"""What the command says to bad input: command, exit code, part of the message; and nothing on disk changes."""

import os
import shutil
import unittest

from command import CommandTest

CONFIG = """format: 1
model: {layers: 1, width: 16, heads: 2, length: 16}
train: {steps: 2, batch: 4, eval_every: 0, checkpoint_every: 2}
"""
TRAIN = ("train", "good.yaml", "--data", "good.txt", "--out", "new")
NO_PLUGIN = "/lib/x86_64-linux-gnu/libm.so.6"


class BadInput(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = "".join(f"line {i} of some text that a model can learn from\n" for i in range(400))
        files = {"good.txt": text, "good.yaml": CONFIG, "wide.yaml": CONFIG.replace("width: 16", "width: 32"),
                 "typo.yaml": CONFIG.replace("layers", "layer"), "empty.txt": "", "short.txt": "short",
                 "wrong.yaml": CONFIG.replace("layers: 1", "layers: many"), "full/file.txt": "mine"}
        for name, content in files.items():
            (cls.folder / name).parent.mkdir(exist_ok=True)
            (cls.folder / name).write_text(content)
        (cls.folder / "junk.yaml").write_bytes(bytes(range(256)) * 16)
        (cls.folder / "empty").mkdir()
        cls.done("train", "good.yaml", "--data", "good.txt", "--out", "run")
        cls.done("train", "wide.yaml", "--data", "good.txt", "--out", "wide")
        cls.copy_of_run("foreign")
        shutil.rmtree(cls.folder / "foreign/checkpoints")
        shutil.copytree(cls.folder / "wide/checkpoints", cls.folder / "foreign/checkpoints")
        cls.copy_of_run("damaged")
        for tensors in (cls.folder / "damaged/checkpoints").rglob("*.safetensors"):
            data = bytearray(tensors.read_bytes())
            data[-1] ^= 1
            tensors.write_bytes(data)
        cls.copy_of_run("bare")
        shutil.rmtree(cls.folder / "bare/checkpoints")

    @classmethod
    def copy_of_run(cls, name):
        shutil.copytree(cls.folder / "run", cls.folder / name)

    def expect_rows(self, rows):
        for arguments, code, message in rows:
            with self.subTest(" ".join(arguments)):
                self.expect_refusal(arguments, code, message)

    def test_words_that_nobody_knows(self):
        self.expect_rows([
            ((), 2, "name a verb"),
            (("trian",), 2, "did you mean train?"),
            (("--versoin",), 2, "did you mean --version?"),
            (("train", "good.yaml", "--dta", "good.txt"), 2, "did you mean --data?"),
            (("train", "good.yaml", "more.yaml"), 2, 'unexpected "more.yaml"'),
            (("train", "good.yaml", "--steps", "many"), 2, "--steps"),
            (("sample", "run", "--promt", "x"), 2, "did you mean --prompt?"),
            (("devices", "--jsno"), 2, "did you mean --json?"),
            (("run",), 2, "program is required"),
        ])

    def test_configs(self):
        self.expect_rows([
            (("train",), 2, "give a config file"),
            (("train", "none.yaml", *TRAIN[2:]), 2, "none.yaml"),
            (("train", "empty", *TRAIN[2:]), 2, "found a folder"),
            (("train", "junk.yaml", *TRAIN[2:]), 2, "junk.yaml"),
            (("train", "typo.yaml", *TRAIN[2:]), 2, 'did you mean "layers"?'),
            (("train", "wrong.yaml", *TRAIN[2:]), 2, "model.layers"),
            ((*TRAIN, "--set", "optimizer.learning_rat=1"), 2, "learning_rate"),
            ((*TRAIN, "--set", "optimizer.name=adamv"), 2, "adamw"),
            ((*TRAIN, "--set", "model.heads=3"), 2, "heads"),
            ((*TRAIN, "--set", "train.batch=0"), 2, "batch"),
            ((*TRAIN, "--mesh", "data=8"), 2, "batch"),
            ((*TRAIN, "--mesh", "data=x"), 2, "mesh"),
            ((*TRAIN, "--device", "qpu"), 2, 'did you mean "cpu"?'),
        ])

    def test_data(self):
        def train(path):
            return ("train", "good.yaml", "--data", path, "--out", "new")
        self.expect_rows([
            (("train", "good.yaml", "--out", "new"), 2, "give --data"),
            (train("none.txt"), 3, "none.txt"),
            (train("*.none"), 3, "*.none"),
            (train("empty.txt"), 3, "empty"),
            (train("empty"), 3, "holds no files"),
            (train("short.txt"), 3, "one sample takes 17 bytes"),
            (train("/dev/zero"), 3, "no regular file"),
        ])

    def test_folders(self):
        self.expect_rows([
            ((*TRAIN[:-1], "/proc/new"), 2, "/proc/new"),
            ((*TRAIN[:-1], "good.txt/new"), 2, "give another --out"),
            ((*TRAIN[:-1], "full"), 2, "full"),
            (("train", "--resume", "none"), 2, "none"),
            (("train", "--resume", "full"), 2, "full"),
            (("sample", "full"), 2, "full"),
        ])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_folders_without_permission(self):
        self.expect_rows([((*TRAIN[:-1], "/usr/new"), 2, "Permission denied")])

    def test_checkpoints_of_another_model(self):
        self.expect_rows([
            (("train", "wide.yaml", "--resume", "run"), 2, "model.width"),
            (("train", "--resume", "run", "--set", "model.width=32"), 2, "model.width"),
            (("train", "--resume", "foreign", "--steps", "4"), 4, "f32["),
            (("sample", "foreign"), 4, "f32["),
            (("train", "--resume", "damaged", "--steps", "4"), 4, "hash"),
            (("sample", "damaged"), 4, "hash"),
            (("sample", "bare"), 4, "no checkpoint"),
        ])

    def test_plugins_that_are_none(self):
        self.expect_rows([
            ((*TRAIN, "--plugin", NO_PLUGIN), 5, "GetPjrtApi"),
            ((*TRAIN, "--plugin", "good.txt"), 5, "good.txt"),
            ((*TRAIN, "--plugin", "none.so"), 5, "none.so"),
            (("devices", "--plugin", NO_PLUGIN), 5, "GetPjrtApi"),
            (("sample", "run", "--plugin", "good.txt"), 5, "good.txt"),
            ((*TRAIN, "--device", "cuda"), 5, "cuda"),
        ])

    def test_models_that_are_too_large(self):
        self.expect_rows([
            ((*TRAIN, "--set", "model.width=1000000"), 6, "make the model smaller"),
            ((*TRAIN, "--set", "model.width=1000000000"), 6, "make the model smaller"),
        ])


if __name__ == "__main__":
    unittest.main()
