"""podium: models on TPU pods, GPUs and CPUs, through PJRT plugins. Write `import podium as pd`.

Tensors are NumPy's arrays in use and live on devices; the module is a namespace of the array API standard. What is
computed is recorded and runs when someone reads it; `jit` makes one compiled program of a function, `grad`,
`value_and_grad` and `vmap` transform it.
"""

import atexit

from . import _core
from ._errors import *  # noqa: F403
from ._errors import Error
from ._dtypes import *  # noqa: F403
from ._dtypes import DataType, NUMPY_TYPES, as_dtype
from ._core import Device, DeviceType, Mesh, Tensor, available_devices, default_device
from ._creation import *  # noqa: F403
from ._creation import DEFAULT_DTYPES
from ._functions import *  # noqa: F403
from ._transforms import *  # noqa: F403
from . import _tensor, fft, linalg, models, nn, onnx, optim, random, tokenizers
from . import _tree as tree
from .trainer import Trainer
from ._dtypes import _BY_NAME, kind_of
from math import e, inf, nan, pi

newaxis = None
__version__ = "0.1.0"
ARRAY_API_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
__array_api_version__ = "2024.12"
bool = _BY_NAME["bool"]
_tensor.install()
atexit.register(_core.wait_for_running)


class device_scope:
    """`with podium.device_scope("tpu:0"):` makes it the default device of the thread."""

    def __init__(self, device):
        self._device = Device(device)

    def __enter__(self):
        self._scope = _core.DeviceScope(self._device)
        return self._device

    def __exit__(self, *_):
        del self._scope


def device_put(tree_of_arrays, device):
    """Returns the tree with its leaves on a device."""
    return tree.map(lambda leaf: leaf.to(device), tree_of_arrays)


def shard(array, mesh, axes=()):
    """Returns the array split over a mesh: `axes` names the mesh axis of each dimension ("" is whole)."""
    import numpy as np

    from ._creation import _host_array

    return _core.put_on(_host_array(np.asarray(array)), mesh, list(axes))


class _Info:
    """What the array API's inspection tells."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self):
        return default_device()

    def devices(self):
        return available_devices()

    def default_dtypes(self, *, device=None):
        names = {"real floating": "f", "complex floating": "c", "integral": "i", "indexing": "i"}
        return {name: DEFAULT_DTYPES[kind] for name, kind in names.items()}

    def dtypes(self, *, device=None, kind=None):
        standard = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
                    "complex64", "complex128")  # fmt: skip
        found = {name: _BY_NAME[name] for name in standard}
        return found if kind is None else {name: dtype for name, dtype in found.items() if isdtype(dtype, kind)}


def __array_namespace_info__():
    return _Info()
