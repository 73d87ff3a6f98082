"""Functions of the array API that reduce, search, sort and count. Sums of small integers are int64 (uint64)."""

import builtins
from collections import namedtuple

import numpy as np

from . import _core
from ._core import rows
from ._creation import asarray, astype
from ._dtypes import as_dtype, bits_of, kind_of
from ._elementwise import _truth
from ._shapes import _cut, concat, take
from ._types import _FLOAT, _INT, _axes, _axis, _pair


def _sum_type(x, dtype):
    if dtype is not None:
        return as_dtype(dtype)
    kind = kind_of(x.dtype)
    if kind in ("bool", "signed"):
        return _INT if bits_of(x.dtype) <= 64 else x.dtype
    return np.dtype("uint64") if kind == "unsigned" else x.dtype


def _reduction(name, bound, of_sums):
    def function(x, /, *, axis=None, keepdims=False, dtype=None):
        x = asarray(x)
        if of_sums:
            x = astype(x, _sum_type(x, dtype), copy=False)
        axes = _axes(axis, x.ndim)
        return bound(x, axes, keepdims) if axes else astype(x, x.dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Returns the {name} over `axis` (None: all of them)."
    return function


sum = _reduction("sum", _core.sum, True)
prod = _reduction("prod", _core.product, True)
_max, _min = _reduction("max", _core.max, False), _reduction("min", _core.min, False)


def _extreme(name, reduction):
    def function(x, /, *, axis=None, keepdims=False):
        x = asarray(x)
        if x.size == 0 and builtins.any(x.shape[a] == 0 for a in _axes(axis, x.ndim)):
            raise ValueError(f"{name}: there is no {name}imum of no elements")
        return reduction(x, axis=axis, keepdims=keepdims)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Returns the {name}imum over `axis` (None: all of them)."
    return function


max = _extreme("max", _max)
min = _extreme("min", _min)


def _moment(bound):
    def function(x, axis, keepdims, *more):
        x = asarray(x)
        x = x if kind_of(x.dtype) in ("real", "complex") else astype(x, _FLOAT)
        axes = _axes(axis, x.ndim)
        if axes:
            return bound(x, axes, keepdims, *more)
        return bound(_core.reshape(x, [*x.shape, 1]), [x.ndim], False, *more)  # over one element each

    return function


def mean(x, /, *, axis=None, keepdims=False):
    """Returns the mean over `axis`; of integers, as floats."""
    return _moment(_core.mean)(x, axis, keepdims)


def var(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Returns the variance over `axis`, with n − correction as the divisor."""
    return _moment(_core.variance)(x, axis, keepdims, float(correction))


def std(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Returns the variance's square root."""
    return _moment(_core.standard_deviation)(x, axis, keepdims, float(correction))


def all(x, /, *, axis=None, keepdims=False):
    """True where all elements over `axis` are."""
    x = _truth(x)
    axes = _axes(axis, x.ndim)
    return _core.all(x, axes, keepdims) if axes else x


def any(x, /, *, axis=None, keepdims=False):
    """True where any element over `axis` is."""
    x = _truth(x)
    axes = _axes(axis, x.ndim)
    return _core.any(x, axes, keepdims) if axes else x


def count_nonzero(x, /, *, axis=None, keepdims=False):
    """Returns how many elements over `axis` are not 0."""
    return sum(astype(_truth(x), _INT), axis=axis, keepdims=keepdims)


def _running(name, bound, of_sums):
    def function(x, /, *, axis=None, dtype=None, include_initial=False):
        x = asarray(x)
        if axis is None:
            if x.ndim != 1:
                raise ValueError(f"{name}: {x.ndim} dimensions need an axis")
            axis = 0
        axis = _axis(axis, x.ndim)
        x = astype(x, _sum_type(x, dtype), copy=False)
        result = bound(x, axis, False) if x.size else x
        if include_initial:
            dims = list(x.shape)
            dims[axis] = 1
            result = _core.concatenate([_core.full(dims, 0 if of_sums else 1, x.dtype), result], axis)
        return result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = "Returns the running results along `axis`."
    return function


cumulative_sum = _running("cumulative_sum", _core.cumulative_sum, True)
cumulative_prod = _running("cumulative_prod", _core.cumulative_product, False)


def diff(x, /, *, axis=-1, n=1, prepend=None, append=None):
    """Returns the differences of neighbours along `axis`, taken `n` times."""
    axis = _axis(axis, x.ndim)
    if prepend is not None or append is not None:
        x = concat([part for part in (prepend, x, append) if part is not None], axis=axis)
    for _ in range(n):
        size = x.shape[axis]
        later, earlier = (_cut(x, axis, a, b) for a, b in ((1, size), (0, size - 1))) if size else (x, x)
        x = rows.logical_xor(later, earlier) if x.dtype == np.bool_ else later - earlier
    return x


# Positions.


def _arg(name, bound):
    def function(x, /, *, axis=None, keepdims=False):
        dims = [1] * x.ndim if axis is None else None
        values = _core.reshape(x, [-1]) if axis is None else x
        at = 0 if axis is None else _axis(axis, x.ndim)
        if values.ndim and values.shape[at] == 0:
            raise ValueError(f"{name}: there is none of no elements")
        result = astype(bound(values, at), _INT)
        if keepdims:
            if dims is None:
                dims = [1 if i == at else size for i, size in enumerate(x.shape)]
            result = _core.reshape(result, dims)
        return result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = "Returns the positions of the first of them along `axis` (None: of all elements)."
    return function


argmax = _arg("argmax", _core.argmax)
argmin = _arg("argmin", _core.argmin)


def nonzero(x, /):
    """Returns, for each dimension, the positions of what is not 0; reads the tensor."""
    if x.ndim == 0:
        raise ValueError("nonzero: a scalar has no dimensions")
    return tuple(asarray(part.astype(np.int64)) for part in np.nonzero(np.asarray(_truth(x))))


def sort(x, /, *, axis=-1, descending=False, stable=True):
    """Returns the elements in order along `axis`."""
    return _core.sort(x, _axis(axis, x.ndim), descending) if x.size else astype(x, x.dtype)


def argsort(x, /, *, axis=-1, descending=False, stable=True):
    """Returns the positions that sort takes the elements from; equal ones keep their order."""
    if not x.size:
        return astype(x, _INT) if kind_of(x.dtype) != "complex" else _core.full(list(x.shape), 0, _INT)
    return astype(_core.argsort(x, _axis(axis, x.ndim), descending), _INT)


def searchsorted(x1, x2, /, *, side="left", sorter=None):
    """Returns where elements of the second belong among the first, which ascend."""
    x1 = take(x1, sorter) if sorter is not None else x1
    x1, x2 = _pair(x1, asarray(x2))
    if x1.size == 0 or x2.size == 0:
        return _core.full(list(x2.shape), 0, _INT)
    return astype(_core.searchsorted(x1, x2, side == "right"), _INT)


def isin(x1, x2, /, *, assume_unique=False, invert=False):
    """True where an element of the first is one of the second."""
    x1, x2 = _pair(asarray(x1), asarray(x2))
    found = any(_core.reshape(x1, [*x1.shape, 1]) == _core.reshape(x2, [-1]), axis=-1)
    return rows.logical_not(found) if invert else found


# How many different values there are is a size: these read the tensor.


def _unique_rows(x):
    host = np.asarray(x)
    values, index, inverse, counts = np.unique(
        host, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    as_index = lambda v: asarray(v.astype(np.int64))
    return asarray(values), as_index(index), as_index(inverse.reshape(host.shape)), as_index(counts)


def unique_all(x, /):
    """Returns the different values, where each is first, which each element is, and how often each is there."""
    return _UniqueAll(*_unique_rows(x))


def unique_counts(x, /):
    values, _, _, counts = _unique_rows(x)
    return _UniqueCounts(values, counts)


def unique_inverse(x, /):
    values, _, inverse, _ = _unique_rows(x)
    return _UniqueInverse(values, inverse)


def unique_values(x, /):
    return _unique_rows(x)[0]


_UniqueAll = namedtuple("unique_all", "values indices inverse_indices counts")
_UniqueCounts = namedtuple("unique_counts", "values counts")
_UniqueInverse = namedtuple("unique_inverse", "values inverse_indices")


__all__ = [
    name
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", None) == __name__
]
