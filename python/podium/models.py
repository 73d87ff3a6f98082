"""Models as layers: parameters from `init(key)`, results from `model(params, x)`."""

from ._core import nn as _nn
from .nn import Layer


class Gpt(Layer):
    """GPT-2: logits, float32[batch, length, vocabulary], of tokens, integers[batch, length].

    Options: vocabulary, length, layers, width, heads, mlp_ratio, dropout, tie_embeddings, scan_layers, remat,
    document_end."""

    def __init__(self, **options):
        super().__init__(_nn.gpt(options))
