"""Layers, activations and losses.

A layer makes parameters, `layer.init(key)`, and maps them and a tensor to a tensor, `layer(params, x)`. A `Model` is both
together: `Sequential(Linear(10, 20), ReLU(), Linear(20, 5)).model(key).to("tpu")(x)`.
"""

from . import _core
from ._creation import as_device
from ._dtypes import as_dtype
from ._tree import by_path

_nn = _core.nn
relu, gelu, silu, softmax, log_softmax = _nn.relu, _nn.gelu, _nn.silu, _nn.softmax, _nn.log_softmax
cross_entropy, mean_squared_error, accuracy = _nn.cross_entropy, _nn.mean_squared_error, _nn.accuracy
max_pool, average_pool = _nn.max_pool, _nn.average_pool


class Layer:
    """Any layer. Parameters are a dict from paths ("0.weight") to tensors."""

    def __init__(self, layer):
        self._layer = layer

    def init(self, key):
        """Returns first parameters, drawn with the key."""
        return self._layer.init(key)

    def __call__(self, params, x, key=None):
        """Returns the layer's result; what it draws (dropout) comes from `key`, and nothing without one."""
        return self._layer(by_path(params, "nn: params"), x, key)

    def model(self, key=0):
        """Returns the layer together with parameters for it; `key` is one, or a seed."""
        return Model(self, self.init(_core.random.key(key) if isinstance(key, int) else key))

    def to(self, device):
        """Returns a model of this layer on that device, with parameters drawn from seed 0."""
        return self.model().to(device)


class Model:
    """A layer together with parameters for it."""

    def __init__(self, layer, params):
        self.layer, self.params = layer, params

    def __call__(self, x, key=None):
        return self.layer(self.params, x, key)

    def to(self, device):
        """Returns the model with its parameters on that device; what is computed from them is computed there."""
        device = as_device(device)
        return Model(self.layer, {path: leaf.to(device) for path, leaf in self.params.items()})


def _as_layer(given):
    if isinstance(given, Layer):
        return given._layer
    if callable(given):
        return _nn.function(given)
    raise TypeError(f"Sequential: a {type(given).__name__} is neither a layer nor a function")


class Sequential(Layer):
    """Layers and functions one after another. Parameters: N.PATH for those of layer N."""

    def __init__(self, *layers):
        super().__init__(_nn.sequential([_as_layer(layer) for layer in layers]))
        self.layers = layers


class Linear(Layer):
    """x @ weight + bias. Parameters: weight [inputs, outputs], bias [outputs]."""

    def __init__(self, inputs, outputs, bias=True, dtype="float32"):
        super().__init__(_nn.linear(inputs, outputs, bias, as_dtype(dtype)))


class Embedding(Layer):
    """One learned row for each index. Parameters: weight [count, width]."""

    def __init__(self, count, width, dtype="float32"):
        super().__init__(_nn.embedding(count, width, as_dtype(dtype)))


class LayerNorm(Layer):
    """Normalization over the last dimension. Parameters: weight, bias [width]."""

    def __init__(self, width, epsilon=1e-5, dtype="float32"):
        super().__init__(_nn.layer_norm(width, epsilon, as_dtype(dtype)))


class RmsNorm(Layer):
    """Division by the root of the mean square of the last dimension. Parameters: weight [width]."""

    def __init__(self, width, epsilon=1e-5, dtype="float32"):
        super().__init__(_nn.rms_norm(width, epsilon, as_dtype(dtype)))


class GroupNorm(Layer):
    """Normalization over groups of channels. Parameters: weight, bias [width]."""

    def __init__(self, width, groups, epsilon=1e-5, channels="last", dtype="float32"):
        super().__init__(_nn.group_norm(width, groups, epsilon, channels, as_dtype(dtype)))


class Conv(Layer):
    """A convolution over as many dimensions as the window has. Parameters: weight [window…, inputs / groups, outputs],
    bias [outputs]. padding: "same" or "valid"; channels: "last" or "first"."""

    def __init__(self, inputs, outputs, window=(3, 3), strides=(), padding="same", dilations=(), groups=1, bias=True,
                 channels="last", dtype="float32"):  # fmt: skip
        super().__init__(
            _nn.conv(
                inputs,
                outputs,
                list(window),
                list(strides),
                padding,
                list(dilations),
                groups,
                bias,
                channels,
                as_dtype(dtype),
            )
        )


class Dropout(Layer):
    """Zeros a share of the elements where there is a key."""

    def __init__(self, rate=0.1):
        super().__init__(_nn.dropout(rate))


def _activation(name, function):
    class Activation(Layer):
        def __init__(self):
            super().__init__(_nn.function(function))

    Activation.__name__ = Activation.__qualname__ = name
    Activation.__doc__ = f"{function.__name__} as a layer without parameters."
    return Activation


ReLU, GELU, SiLU, Tanh = (
    _activation(name, function)
    for name, function in (("ReLU", relu), ("GELU", gelu), ("SiLU", silu), ("Tanh", _core.rows.tanh))
)
