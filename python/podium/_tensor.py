"""What Tensor has beside its operators on rows: NumPy's protocols, the array API's methods, and texts."""

import numpy as np

from . import _core
from ._core import Tensor
from ._creation import as_device, asarray, astype
from ._dtypes import is_integer, kind_of
from ._indexing import get_item, set_item


def to_numpy(tensor, *, copy=None):
    """Returns NumPy's array of the tensor, read-only and without a copy where the host can see the bytes."""
    host = tensor.to_host() if copy else tensor.view()
    dtype, shape = tensor.dtype, tensor.shape
    if tensor.size == 0:
        return np.zeros(shape, dtype)
    array = np.frombuffer(host, np.uint8).view(dtype).reshape(shape)
    return array.copy() if copy else array


def _array(self, dtype=None, copy=None):
    array = to_numpy(self, copy=copy)
    return array if dtype is None or array.dtype == dtype else array.astype(dtype)


_DLPACK_DEVICES = {"cpu": 1, "interp": 1, "cuda": 2, "rocm": 10}


def _dlpack_device(self):
    device = self.device
    return _DLPACK_DEVICES.get(device.type.name.lower(), 1), device.index if device.type.name != "CPU" else 0


def _dlpack(self, *, stream=None, max_version=None, dl_device=None, copy=None):
    """Returns a capsule of the tensor's bytes in the host's memory; without a copy where they lie there."""
    if stream is not None:
        raise BufferError("__dlpack__: tensors in the host's memory have no streams")
    if dl_device is not None and tuple(dl_device)[0] != 1:
        raise BufferError(f"__dlpack__: the bytes can be given in the host's memory (1, 0), not on device {dl_device}")
    if dl_device is None and _dlpack_device(self)[0] != 1:
        raise BufferError(f"__dlpack__: the tensor is on {self.device}; move it with .to('cpu') before")
    host = self.to_host() if copy else self.view()
    versioned = max_version is not None and max_version[0] >= 1
    return host.to_dlpack(versioned, not copy)


def _to(self, device, /, *, stream=None):
    """Returns the tensor on that device, itself where it is there."""
    if stream is not None:
        raise ValueError("to: streams are the library's own; give none")
    return self.move_to(as_device(device))


def _namespace(self, /, *, api_version=None):
    import podium

    if api_version is not None and api_version not in podium.ARRAY_API_VERSIONS:
        raise ValueError(f"array API {api_version} is none of {', '.join(podium.ARRAY_API_VERSIONS)}")
    return podium


def _scalar(kind, of):
    def convert(self):
        if self.size != 1 or self.ndim != 0 and kind is not bool:
            if self.size != 1:
                raise TypeError(f"{kind.__name__}: {_core.shape_text(self)} is not one element")
        if of is not None and kind_of(self.dtype) not in of:
            raise TypeError(f"{kind.__name__}: {self.dtype} does not convert")
        return kind(self.item())

    return convert


def _index(self):
    if self.ndim != 0 or not is_integer(self.dtype):
        raise TypeError(f"only integer scalars are indices, and this is {_core.shape_text(self)}")
    return self.item()


def _len(self):
    if self.ndim == 0:
        raise TypeError("a scalar has no len()")
    return self.shape[0]


def _iter(self):
    if self.ndim == 0:
        raise TypeError("a scalar has no elements to go over")
    return (self[i] for i in range(self.shape[0]))


def _repr(self):
    if self.traced:
        return f"Tensor({_core.shape_text(self)}, traced)"
    text = np.array2string(np.asarray(self), separator=", ", prefix="Tensor(", threshold=100)
    return f"Tensor({text}, dtype={self.dtype.name})"


def _format(self, spec):
    return format(self.item(), spec) if spec and self.size == 1 else format(str(self), spec)


def _transposed(self):
    if self.ndim != 2:
        raise ValueError(f".T is for matrices, and this is {_core.shape_text(self)}; see .mT and permute_dims")
    return _core.transpose(self, [1, 0])


def _matrix_transposed(self):
    if self.ndim < 2:
        raise ValueError(f".mT needs two dimensions, and this is {_core.shape_text(self)}")
    order = list(range(self.ndim))
    order[-2:] = order[-1], order[-2]
    return _core.transpose(self, order)


def _functions():
    import podium

    return podium


def _operator(name, swapped=False):
    def method(self, other):
        if not isinstance(other, (Tensor, int, float, complex)) and not hasattr(other, "__array__"):
            return NotImplemented
        function = getattr(_functions(), name)
        return function(other, self) if swapped else function(self, other)

    return method


def _block(self):
    _core.wait_for([self])
    return self


def _method(name):
    def method(self, *arguments, **options):
        return getattr(_functions(), name)(self, *arguments, **options)

    method.__name__ = name
    method.__doc__ = f"See podium.{name}."
    return method


def _reshape(self, *shape):
    return _core.reshape(
        self, list(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else list(shape)
    )


def install():
    """Gives Tensor its methods."""
    members = {
        "__array__": _array,
        "__dlpack__": _dlpack,
        "__dlpack_device__": _dlpack_device,
        "__array_namespace__": _namespace,
        "__array_priority__": 1000,
        "__array_ufunc__": None,
        "__bool__": _scalar(bool, None),
        "__int__": _scalar(int, ("bool", "signed", "unsigned", "real")),
        "__float__": _scalar(float, ("bool", "signed", "unsigned", "real")),
        "__complex__": _scalar(complex, None),
        "__index__": _index,
        "__len__": _len,
        "__iter__": _iter,
        "__getitem__": get_item,
        "__setitem__": set_item,
        "__repr__": _repr,
        "__format__": _format,
        "__hash__": None,
        "__neg__": lambda self: _functions().negative(self),
        "__pos__": lambda self: _functions().positive(self),
        "__abs__": lambda self: _functions().abs(self),
        "__invert__": lambda self: _functions().bitwise_invert(self),
        "to": _to,
        "to_device": _to,
        "astype": astype,
        "numpy": to_numpy,
        "tolist": lambda self: np.asarray(self).tolist(),
        "block_until_ready": _block,
        "T": property(_transposed, doc="The transposed matrix."),
        "mT": property(_matrix_transposed, doc="The last two dimensions exchanged."),
        "reshape": _reshape,
        "real": property(lambda self: _functions().real(self)),
        "imag": property(lambda self: _functions().imag(self)),
    }
    for name in ("sum", "mean", "max", "min", "prod", "any", "all", "std", "var", "argmax", "argmin", "squeeze"):
        members[name] = _method(name)
    for operator, function in (
        ("truediv", "divide"),
        ("floordiv", "floor_divide"),
        ("mod", "remainder"),
        ("rshift", "bitwise_right_shift"),
        ("matmul", "matmul"),
    ):
        members[f"__{operator}__"] = _operator(function)
        members[f"__r{operator}__"] = _operator(function, swapped=True)
    for name, member in members.items():
        setattr(Tensor, name, member)


__all__ = ["asarray", "install", "to_numpy"]
