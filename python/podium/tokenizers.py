"""Tokenizers of tokenizer.json files: byte-level BPE, BPE with bytes, WordPiece and Unigram."""

import os

from . import _core

_pretrained = _core.pretrained


class Tokenizer:
    """A tokenizer; `load` makes it. Ids are those of Hugging Face's `tokenizers`."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer

    def encode(self, text):
        """Returns the text's ids, without those that models are fed around a text."""
        return self._tokenizer.encode(text)

    def encode_for_model(self, text, second=None):
        """Returns what a model is fed of one text or of two: the ids, and of each the type that tells the texts apart."""
        return self._tokenizer.encode_for_model(text, second)

    def decode(self, ids):
        """Returns the text of ids, added tokens included; U+FFFD stands for bytes that are no UTF-8."""
        return self._tokenizer.decode([int(id) for id in ids]).decode("utf-8", "replace")

    def __len__(self):
        return self._tokenizer.size()


def load(path):
    """Returns the tokenizer of a tokenizer.json. Throws Unimplemented, naming it, for what of the file would change ids and
    is not known here, InvalidData for a file that does not hold together."""
    return Tokenizer(_pretrained.read_tokenizer(os.fspath(path)))


__all__ = ["Tokenizer", "load"]
