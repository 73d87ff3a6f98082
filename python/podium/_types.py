"""How types promote, and what they hold: the array API's table."""

import numpy as np

from . import _core
from ._core import Tensor
from ._creation import DEFAULT_DTYPES, asarray
from ._dtypes import as_dtype, bits_of, kind_of

_FLOAT, _INT = DEFAULT_DTYPES["f"], DEFAULT_DTYPES["i"]


def _axes(axis, rank):
    """Returns the axes counted from the front; all of them for None."""
    if axis is None:
        return list(range(rank))
    axes = [axis] if isinstance(axis, int) else list(axis)
    for each in axes:
        if not -rank <= each < rank:
            raise ValueError(f"axis {each} is none of {rank} dimensions")
    axes = [each % rank for each in axes]
    if len(set(axes)) != len(axes):
        raise ValueError(f"axes {tuple(axes)} repeat one")
    return axes


def _axis(axis, rank):
    return _axes(axis, rank)[0]


def _pair(x, y):
    """Returns both as tensors of one type."""
    if isinstance(x, Tensor) and isinstance(y, Tensor) and x.dtype == y.dtype:
        return x, y
    dtype = result_type(x, y)
    return asarray(x, dtype=dtype), asarray(y, dtype=dtype)


# Data types.


def result_type(*arrays_and_dtypes):
    """Returns the type that all promote to; Python's numbers take the others' type."""
    dtypes = [
        v.dtype if hasattr(v, "dtype") else v
        for v in arrays_and_dtypes
        if not isinstance(v, (bool, int, float, complex))
    ]
    if not dtypes:
        dtypes = [asarray(v).dtype for v in arrays_and_dtypes]
        return _promoted(dtypes)
    result = _promoted([as_dtype(d) for d in dtypes])
    for number in arrays_and_dtypes:
        if not isinstance(number, (bool, int, float, complex)):
            continue
        kind = kind_of(result)
        if isinstance(number, bool) or isinstance(number, int) and kind != "bool":
            continue
        if isinstance(number, int):
            result = _INT
        elif isinstance(number, float) and kind in ("bool", "signed", "unsigned"):
            result = _FLOAT
        elif isinstance(number, complex) and kind != "complex":
            result = np.dtype("complex128") if result == np.float64 else DEFAULT_DTYPES["c"]
    return result


def _promoted(dtypes):
    result = dtypes[0]
    for dtype in dtypes[1:]:
        result = _core.promoted_type(result, dtype)
    return result


def can_cast(from_, to, /):
    """True if every value of one type has its like in the other, as promotion goes."""
    from_ = from_.dtype if isinstance(from_, Tensor) else as_dtype(from_)
    to = as_dtype(to)
    order = ("bool", "unsigned", "signed", "real", "complex")
    if order.index(kind_of(from_)) > order.index(kind_of(to)):
        return False
    try:
        return _core.promoted_type(from_, to) == to
    except TypeError:
        return False


_KINDS = {
    "bool": ("bool",),
    "signed integer": ("signed",),
    "unsigned integer": ("unsigned",),
    "integral": ("signed", "unsigned"),
    "real floating": ("real",),
    "complex floating": ("complex",),
    "numeric": ("signed", "unsigned", "real", "complex"),
}


def isdtype(dtype, kind):
    """True if the type is the one given, or of that kind, or of one of several."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, each) for each in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ValueError(f"isdtype: there is no kind {kind!r}; there are {', '.join(_KINDS)}")
        return kind_of(as_dtype(dtype)) in _KINDS[kind]
    return as_dtype(dtype) == as_dtype(kind)


class iinfo:
    """Bits, least and greatest value of an integer type."""

    def __init__(self, type, /):
        self.dtype = as_dtype(type.dtype if isinstance(type, Tensor) else type)
        self.bits = bits_of(self.dtype)
        signed = kind_of(self.dtype) == "signed"
        self.min = -(2 ** (self.bits - 1)) if signed else 0
        self.max = 2 ** (self.bits - signed) - 1


class finfo:
    """Bits, precision and range of a floating-point type."""

    def __init__(self, type, /):
        import ml_dtypes

        dtype = as_dtype(type.dtype if isinstance(type, Tensor) else type)
        if kind_of(dtype) == "complex":
            dtype = np.dtype("float32") if dtype == np.complex64 else np.dtype("float64")
        info = ml_dtypes.finfo(dtype)
        self.dtype = dtype
        self.bits = info.bits
        self.eps = float(info.eps)
        self.max = float(info.max)
        self.min = float(info.min)
        self.smallest_normal = float(info.smallest_normal)


__all__ = [
    name
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", None) == __name__
]
