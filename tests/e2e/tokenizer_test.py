"""`podium tokenizer`, and a run whose text is a tokenizer's tokens: trained, stopped, resumed, judged and sampled."""

import json
import unittest

from command import SOURCE, CommandTest

VOCABULARY = 400
SMALL = ["--set", "model.length=32", "--set", "model.layers=1", "--set", "model.width=32", "--set", "model.heads=2",
         "--set", "train.batch=8", "--set", "optimizer.schedule=constant",
         "--set", "train.checkpoint_every=10", "--seed", "3"]


class Tokenizer(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.environment_of_cache = {"XDG_CACHE_HOME": str(cls.folder / "cache")}
        (cls.folder / "texts").mkdir()
        for text in (SOURCE / "docs").glob("*.md"):
            (cls.folder / "texts" / text.name).write_bytes(text.read_bytes())
        made = cls.podium("tokenizer", "train", "--data", "texts", "--size", VOCABULARY, "--out", "made.json", "--json")
        cls.made = json.loads(made.stdout)

    def command(self, *arguments, code=0):
        ended = self.podium(*arguments, **self.environment_of_cache)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended

    def train(self, out, *arguments, code=0):
        return self.command("train", SOURCE / "examples/gpt.yaml", "--data", "texts", "--out", out, *SMALL,
                            "--set", "data.tokenizer=made.json", "--set", f"model.vocabulary={VOCABULARY}", *arguments,
                            code=code)

    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return {line["step"]: line["loss"] for line in map(json.loads, lines) if line["event"] == "step"}

    def test_hugging_face_reads_the_file_and_has_the_same_ids(self):
        self.assertEqual(self.made["tokens"], VOCABULARY)
        ids = self.command("tokenizer", "encode", "made.json", "The mesh, déjà vu\n").stdout.split()
        theirs = self.numpy("from tokenizers import Tokenizer\n"
                            "print(*Tokenizer.from_file('made.json').encode('The mesh, déjà vu\\n').ids)")
        self.assertEqual(ids, theirs.split())
        self.assertEqual(self.command("tokenizer", "decode", "made.json", *ids).stdout, "The mesh, déjà vu\n\n")

    def test_a_run_resumes_to_the_same_losses_and_keeps_its_tokenizer(self):
        self.train("whole", "--steps", 20)
        self.train("cut", "--steps", 10)
        (self.folder / "made.json").rename(self.folder / "moved.json")
        try:
            self.command("train", "--resume", "cut", "--steps", 20)
        finally:
            (self.folder / "moved.json").rename(self.folder / "made.json")
        losses = self.losses("whole")
        self.assertEqual(self.losses("cut"), losses)
        self.assertLess(losses[20], losses[1])
        text = self.command("sample", "whole", "--prompt", "The mesh", "--tokens", 20).stdout
        self.assertTrue(text.startswith("The mesh"))
        self.assertIn("nats a token", self.command("eval", "whole", "--batches", 2).stdout)
        self.assertEqual(len(list((self.folder / "cache/podium/tokens").iterdir())), 2)  # training and held out

    def test_the_texts_of_records_make_the_same_tokenizer(self):
        lines = [json.dumps({"body": text.read_text()}) for text in sorted((self.folder / "texts").iterdir())]
        (self.folder / "body.jsonl").write_text("\n".join(lines))
        train = ["tokenizer", "train", "--data", "body.jsonl", "--size", VOCABULARY, "--out", "records.json"]
        self.assertIn("body.jsonl line 1", self.command(*train, code=3).stderr)
        self.command(*train, "--field", "body")
        self.assertEqual((self.folder / "records.json").read_text(), (self.folder / "made.json").read_text())

    def test_documents_are_kept_apart_where_the_tokenizer_says_where_they_end(self):
        self.train("apart", "--steps", 3, "--set", "data.separate_documents=true")
        self.assertIn("document_end: 0\n", (self.folder / "apart/config.yaml").read_text())
        self.command("train", "--resume", "apart", "--steps", 4)
        config = (self.folder / "apart/config.yaml").read_text()
        (self.folder / "apart.yaml").write_text(config.replace("document_end: 0", "document_end: -1"))
        self.command("train", "apart.yaml", "--resume", "apart", "--steps", 5)
        self.assertEqual(len(self.losses("apart")), 5)
        self.command("sample", "apart", "--prompt", "The mesh", "--tokens", 5)
        ended = self.command("train", SOURCE / "examples/gpt.yaml", "--data", "texts", "--out", "bytes", *SMALL,
                             "--set", "data.separate_documents=true", code=2)
        self.assertIn("without data.tokenizer", ended.stderr)

    def test_a_vocabulary_that_is_too_small_says_what_to_give(self):
        ended = self.train("small", "--set", "model.vocabulary=300", code=2)
        self.assertIn("give --set model.vocabulary=400", ended.stderr)
        self.assertFalse((self.folder / "small").exists())

    def test_a_file_that_is_no_tokenizer_is_named(self):
        (self.folder / "no.json").write_text("{}")
        ended = self.train("none", "--set", "data.tokenizer=no.json", code=3)
        self.assertIn("no.json", ended.stderr)
        self.assertFalse((self.folder / "none").exists())
        self.train("none", "--set", "data.tokenizer=missing.json", code=3)

    def test_records_are_documents(self):
        lines = [json.dumps({"body": text.read_text()}) for text in (self.folder / "texts").iterdir()]
        (self.folder / "records.jsonl").write_text("\n".join([*lines, '{"body": 7}']))
        arguments = ["--data", "records.jsonl", "--set", "data.field=body", "--steps", 3]
        refused = self.train("records", *arguments, code=3)
        self.assertIn(f"records.jsonl line {len(lines) + 1}", refused.stderr)
        self.train("records", *arguments, "--set", "data.damaged_records=1")
        self.assertEqual(len(self.losses("records")), 3)


if __name__ == "__main__":
    unittest.main()
