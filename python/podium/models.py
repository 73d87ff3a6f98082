"""Models as layers: parameters from `init(key)`, results from `model(params, x)`. Models of Hugging Face: `load(folder)`."""

import json
import os
import pathlib

import numpy as np

from . import _core, tokenizers
from ._core import nn as _nn
from ._creation import asarray
from ._errors import InvalidData, NotFound
from ._tree import by_path
from .nn import Layer

_pretrained = _core.pretrained


class Gpt(Layer):
    """GPT-2: logits, float32[batch, length, vocabulary], of tokens, integers[batch, length].

    Options: vocabulary, length, layers, width, heads, mlp_ratio, dropout, tie_embeddings, scan_layers, remat,
    document_end."""

    def __init__(self, **options):
        super().__init__(_nn.gpt(options))


class Pretrained:
    """A model of a Hugging Face checkpoint; `load` makes it.

    `config` is its config.json, `kind` "decoder", "encoder", "t5" or "resnet", `params` a dict of tensors by podium's
    names, which `model(x)` uses and `podium.grad` takes, `tokenizer` that of the folder or None, `ends` the ids that end a
    text."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self._model = _pretrained.open(str(folder), _type_of(folder / "config.json"))
        self.config = json.loads(self._model.config)
        self.kind = self._model.kind
        self.params = self._model.parameters()
        self.ends = self._model.ends if self.kind == "decoder" else []
        file = folder / "tokenizer.json"
        self.tokenizer = tokenizers.load(file) if file.exists() else None

    @property
    def parameters(self):
        """The parameters by Hugging Face's names, and in the shapes that they have there."""
        return self._model.upstream(self.params)

    def __call__(self, *inputs, params=None):
        """Returns logits. `params` replaces the model's own: inside `jit` and `grad` give them.

        A decoder takes tokens, integers[batch, length], or [length] for logits [length, vocabulary]; BERT also their types
        and what of them is seen, bool[batch, length]; T5 tokens, outputs and what of tokens is seen; a ViT and a ResNet
        images, float[batch, height, width, channels]."""
        inputs = [asarray(x) for x in inputs]
        alone = bool(inputs) and inputs[0].ndim == 1
        if alone:
            inputs = [x.reshape(1, *x.shape) for x in inputs]
        logits = self._model(self.params if params is None else by_path(params, "models: params"), inputs)
        return logits[0] if alone else logits

    def generate(self, prompts, *, tokens=200, temperature=1.0, top_k=0, top_p=1.0, beams=1, seed=0, ends=None):
        """Returns what a decoder goes on with: a text behind a text, ids behind a list of ids, and a list of them behind a
        list of prompts, which are computed together. `temperature=0` takes the likeliest token each time, `top_k` draws from
        that many of the likeliest, `top_p` from as few as are that probable together, `beams` keeps so many texts and takes
        the likeliest. A text ends behind one of `ends` (the checkpoint's). Throws InvalidArgument for what does not fit the
        model's length."""
        if self.kind != "decoder":
            raise NotImplementedError(f"generate: {self.kind} models make no text here, decoders do")
        options = _pretrained.DecodeOptions(
            tokens, float(temperature), top_k, float(top_p), beams, seed, list(self.ends if ends is None else ends))
        if not isinstance(prompts, str):
            prompts = list(prompts)
        alone = isinstance(prompts, str) or (len(prompts) > 0 and np.ndim(prompts[0]) == 0 and not isinstance(prompts[0], str))
        batch = [prompts] if alone else prompts
        if all(isinstance(prompt, str) for prompt in batch):
            made = [text.decode("utf-8", "replace") for text in self._model.continued(self.params, batch, options)]
        else:
            ids = [[int(id) for id in prompt] for prompt in batch]
            made = self._model.decode(self.params, ids, options)
        return made[0] if alone else made

    def save(self, folder):
        """Writes the model with its `params` so that `transformers` loads it; weights that are there are replaced."""
        self._model.save(os.fspath(folder), by_path(self.params, "models: params"))

    def __repr__(self):
        return f"podium.models.Pretrained({self.config.get('model_type', self.kind)}, {len(self.params)} tensors)"


def _type_of(file):
    """Returns the config's model_type; timm's residual networks name none."""
    try:
        config = json.loads(file.read_text())
    except FileNotFoundError:
        raise NotFound(f"models.load: {file.parent} has no config.json") from None
    except ValueError as error:
        raise InvalidData(f"models.load: {file} is no JSON: {error}") from None
    if not isinstance(config, dict):
        raise InvalidData(f"models.load: {file} is no JSON object")
    return str(config.get("model_type", "resnet"))


def load(folder):
    """Returns the model of a Hugging Face folder on the default device: GPT-2, Llama, Mistral, Mixtral, Qwen, Gemma, BERT,
    ViT, T5 or ResNet. Throws InvalidData where its files make no model, Unimplemented for another type, NotFound for files
    that are missing."""
    return Pretrained(folder)


__all__ = ["Gpt", "Pretrained", "load"]
