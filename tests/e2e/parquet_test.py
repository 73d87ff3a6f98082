"""Text in Parquet files that pyarrow wrote, read through DuckDB's library."""

import json
import os
import unittest

from command import SOURCE, CommandTest

SHARE = SOURCE / "build/tools/share"  # where ./dev test has podium install the library
ROWS = 5000
WRITE = f"""
import json, os, random
import pyarrow as pa, pyarrow.parquet as pq
random.seed(3)
texts = ["é" * random.randrange(40) + " word" * random.randrange(60) for _ in range({ROWS})]
table = pa.table({{"id": list(range({ROWS})), "text": texts, 'body"x': [str(i) for i in range({ROWS})]}})
os.makedirs("files")
for name, options in {{
    "snappy": {{}}, "zstd": {{"compression": "zstd"}}, "gzip": {{"compression": "gzip"}},
    "brotli": {{"compression": "brotli"}}, "lz4": {{"compression": "lz4"}}, "a[1]*": {{"row_group_size": 777}},
    "plain": {{"use_dictionary": False, "compression": "none", "data_page_version": "2.0"}},
    "delta": {{"use_dictionary": False, "column_encoding": {{"text": "DELTA_BYTE_ARRAY", "id": "PLAIN",
                                                             'body"x': "DELTA_LENGTH_BYTE_ARRAY"}}}},
}}.items():
    pq.write_table(table, f"files/{{name}}.parquet", **options)
for name, type in {{"large": pa.large_string(), "binary": pa.binary()}}.items():
    pq.write_table(table.set_column(1, "text", pa.array(texts).cast(type)), f"files/{{name}}.parquet")
pq.write_table(table.set_column(1, "text", pa.array(texts).dictionary_encode()), "files/dictionary.parquet")
pq.write_table(pa.table({{"text": ["one", None, "three", None]}}), "nulls.parquet")
with open("same.jsonl", "w") as file:
    file.writelines(json.dumps({{"text": text}}) + "\\n" for text in texts)
"""


# The library comes from npm's registry, which a machine may not reach where Debian's and PyPI's are reached.
@unittest.skipUnless((SHARE / "podium/plugins/parquet").exists(), "./dev test could not fetch DuckDB's library")
class Parquet(CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["XDG_DATA_HOME"] = str(SHARE)
        os.environ["XDG_CACHE_HOME"] = str(cls.folder / "cache")
        cls.addClassCleanup(os.environ.pop, "XDG_DATA_HOME")
        cls.addClassCleanup(os.environ.pop, "XDG_CACHE_HOME")
        cls.numpy(WRITE)

    def tokenizer_of(self, path, *arguments):
        self.done("tokenizer", "train", "--data", path, "--size", 300, "--out", "made.json", *arguments)
        return (self.folder / "made.json").read_bytes()

    def damage(self, name, begin, end):
        """Writes a copy whose bytes between two shares of it are others."""
        content = bytearray((self.folder / "files/plain.parquet").read_bytes())
        for i in range(int(begin * len(content)), int(end * len(content))):
            content[i] = (content[i] * 7 + 3) % 256
        (self.folder / name).write_bytes(content)

    def test_every_form_holds_the_texts_that_json_lines_hold(self):
        expected = self.tokenizer_of("same.jsonl")
        for file in sorted((self.folder / "files").iterdir()):
            with self.subTest(file.name):
                (self.folder / "one").mkdir()
                file.rename(self.folder / "one" / file.name)
                try:
                    self.assertEqual(self.tokenizer_of("one"), expected)
                finally:
                    (self.folder / "one" / file.name).rename(file)
                    (self.folder / "one").rmdir()

    def test_a_run_has_the_losses_of_the_same_text_in_json_lines(self):
        losses = {}
        for path in ("files/zstd.parquet", "same.jsonl"):
            printed = self.done("train", SOURCE / "examples/gpt.yaml", "--data", path, "--steps", 3, "--json",
                                "--set", "model.length=32", "--set", "model.layers=1", "--set", "model.width=32",
                                "--set", "model.heads=2", "--set", "train.batch=8", "--out", f"run-{len(losses)}")
            losses[path] = [event["loss"] for event in map(json.loads, printed.splitlines()) if event["event"] == "step"]
        self.assertEqual(*losses.values())
        self.assertEqual(len(losses["same.jsonl"]), 3)

    def test_nulls_are_damaged_records(self):
        self.tokenizer_of("nulls.parquet", "--damaged-records", 2, "--min-frequency", 1)
        train = ("tokenizer", "train", "--data", "nulls.parquet", "--out", "refused.json")
        self.expect_refusal((*train, "--damaged-records", 1), 3, 'nulls.parquet row 2: "text": null')

    def test_what_cannot_be_read_is_named(self):
        self.damage("early.parquet", 0.1, 0.2)
        self.damage("late.parquet", 0.8, 0.9)
        self.damage("footer.parquet", 0.98, 1)
        (self.folder / "short.parquet").write_bytes(b"PAR1")
        train = ("tokenizer", "train", "--out", "refused.json", "--data")
        for name in ("early", "late", "footer", "short"):
            with self.subTest(name):
                self.expect_refusal((*train, f"{name}.parquet"), 3, f"cannot read {name}.parquet as Parquet: ")
        self.expect_refusal((*train, "files/zstd.parquet", "--field", "nope"), 3, 'column "nope" not found')
        self.expect_refusal((*train, "files/zstd.parquet", "--field", "id"), 3, 'column "id" holds no text')
        os.environ["XDG_DATA_HOME"] = str(self.folder / "empty")
        try:
            self.expect_refusal((*train, "files/zstd.parquet"), 5, "podium plugin install parquet")
        finally:
            os.environ["XDG_DATA_HOME"] = str(SHARE)


if __name__ == "__main__":
    unittest.main()
