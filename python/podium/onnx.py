"""ONNX models: read, run, differentiated and written.

    model = podium.onnx.load("model.onnx")
    outputs = model.run({"image": array})            # arrays of NumPy by name
    outputs = model(model.parameters, {"image": x})  # tensors; inside jit, grad and vmap too
"""

import os
from typing import NamedTuple

import numpy as np

from . import _core
from ._core import Tensor
from ._creation import _host_array, as_device
from ._tensor import to_numpy
from ._tree import by_path

_onnx = _core.onnx


class Value(NamedTuple):
    """What a model is fed or gives: its name, data type, and sizes, of which -1 is open."""

    name: str
    dtype: np.dtype
    shape: tuple


def _array(value):
    array = to_numpy(value) if isinstance(value, Tensor) else np.asarray(value)
    return _host_array(array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")))


class Model:
    """An ONNX model as a function; `load` makes it. Every node is podium's own operations."""

    def __init__(self, model):
        self._model = model
        self.inputs = [Value(name, dtype, tuple(dims)) for name, dtype, dims in model.inputs]
        self.outputs = [Value(name, dtype, tuple(dims)) for name, dtype, dims in model.outputs]

    @property
    def parameters(self):
        """The initializers that are floating-point numbers, by name: what training changes."""
        return self._model.parameters()

    def __call__(self, parameters, inputs):
        """Returns the outputs by name, recorded: a function for `jit`, `grad` and the others.

        Throws NotFound for inputs that are missing, ShapeMismatch, DtypeMismatch, Unimplemented for nodes without a row,
        TracedValue where a shape depends on values that are not known."""
        return self._model(by_path(parameters, "onnx: parameters"), by_path(inputs, "onnx: inputs"))

    def run(self, inputs, device=None):
        """Returns the outputs by name as arrays of NumPy, computed on a device (the default one).

        `inputs` is a dict of arrays or tensors, of the types that the model asks for. One program is made for each set of
        shapes; where shapes depend on values, parts of the model run one after another."""
        given = [(str(name), _array(value)) for name, value in inputs.items()]
        made = self._model.run(given, None if device is None else as_device(device))
        return {name: np.frombuffer(array, np.uint8).view(array.dtype).reshape(array.shape) if 0 not in array.shape
                else np.zeros(array.shape, array.dtype) for name, array in made}  # fmt: skip

    def __repr__(self):
        names = [", ".join(value.name for value in values) for values in (self.inputs, self.outputs)]
        return f"podium.onnx.Model({names[0]} -> {names[1]})"


def load(path):
    """Returns the model in a file, with the external data beside it. Throws InvalidData for files that do not hold together."""
    return Model(_onnx.load(os.fspath(path)))


def save(path, function, parameters, inputs):
    """Writes function(parameters, inputs), of dicts of tensors by name to such a dict, as an ONNX model for inputs of those
    shapes. Parameters are its initializers. Throws Unimplemented for operations that ONNX does not have."""
    _onnx.save(
        os.fspath(path), lambda p, x: by_path(function(p, x), "onnx: outputs"),
        by_path(parameters, "onnx: parameters"), by_path(inputs, "onnx: inputs"))  # fmt: skip


__all__ = ["Model", "Value", "load", "save"]
