"""Functions of the array API that move elements."""

import math

import numpy as np

from . import _core
from ._creation import asarray, astype
from ._dtypes import kind_of
from ._types import _axes, _axis, result_type


def reshape(x, /, shape, *, copy=None):
    """Returns the elements, row-major, under another shape; one size may be -1."""
    dims = [int(size) for size in shape] if isinstance(shape, (tuple, list)) else [int(shape)]
    if -1 in dims and x.size == 0:
        known = math.prod(size for size in dims if size != -1)
        dims[dims.index(-1)] = 0 if known == 0 else x.size // known
    return _core.reshape(x, dims)


def permute_dims(x, /, axes):
    return _core.transpose(x, _axes(tuple(axes), x.ndim)) if x.ndim else x


def matrix_transpose(x, /):
    return x.mT


def moveaxis(x, source, destination, /):
    sources, targets = _axes(source, x.ndim), _axes(destination, x.ndim)
    order = [i for i in range(x.ndim) if i not in sources]
    for target, axis in sorted(zip(targets, sources)):
        order.insert(target, axis)
    return permute_dims(x, order)


def swapaxes(x, a, b, /):
    order = list(range(x.ndim))
    a, b = _axis(a, x.ndim), _axis(b, x.ndim)
    order[a], order[b] = order[b], order[a]
    return permute_dims(x, order)


def expand_dims(x, /, axis=0):
    """Returns the tensor with dimensions of size 1 at `axis` (of the result)."""
    axes = [axis] if isinstance(axis, int) else list(axis)
    rank = x.ndim + len(axes)
    for each in axes:
        if not -rank <= each < rank:
            raise IndexError(f"expand_dims: axis {each} is none of {rank} dimensions")
    axes = [each % rank for each in axes]
    if len(set(axes)) != len(axes):
        raise ValueError(f"expand_dims: axes {tuple(axes)} repeat one")
    sizes = iter(x.shape)
    return _core.reshape(x, [1 if i in axes else next(sizes) for i in range(rank)])


def squeeze(x, /, axis=None):
    """Returns the tensor without dimensions of size 1."""
    axes = [i for i, size in enumerate(x.shape) if size == 1] if axis is None else _axes(axis, x.ndim)
    for each in axes:
        if x.shape[each] != 1:
            raise ValueError(f"squeeze: dimension {each} of {x.shape} is not 1")
    return _core.reshape(x, [size for i, size in enumerate(x.shape) if i not in axes])


def broadcast_shapes(*shapes):
    """Returns the shape that all broadcast to."""
    return np.broadcast_shapes(*shapes)


def broadcast_to(x, /, shape):
    return _core.broadcast_to(x, list(shape))


def broadcast_arrays(*arrays):
    shape = broadcast_shapes(*(x.shape for x in arrays))
    return [x if x.shape == shape else _core.broadcast_to(x, list(shape)) for x in arrays]


def concat(arrays, /, *, axis=0):
    """Returns the tensors one after another; with no axis, their elements."""
    arrays = [asarray(x) for x in arrays]
    dtype = result_type(*arrays)
    arrays = [astype(x, dtype, copy=False) for x in arrays]
    if axis is None:
        arrays, axis = [_core.reshape(x, [-1]) for x in arrays], 0
    return _core.concatenate(arrays, _axis(axis, arrays[0].ndim))


def stack(arrays, /, *, axis=0):
    """Returns the tensors along a new dimension."""
    arrays = [asarray(x) for x in arrays]
    dtype = result_type(*arrays)
    return _core.stack([astype(x, dtype, copy=False) for x in arrays], _axis(axis, arrays[0].ndim + 1))


def _cut(x, axis, start, stop):
    key = [slice(None)] * x.ndim
    key[axis] = slice(start, stop)
    return x[tuple(key)]


def unstack(x, /, *, axis=0):
    axis = _axis(axis, x.ndim)
    return tuple(
        _core.reshape(_cut(x, axis, i, i + 1), [s for k, s in enumerate(x.shape) if k != axis])
        for i in range(x.shape[axis])
    )


def flip(x, /, *, axis=None):
    axes = _axes(axis, x.ndim)
    return _core.reverse(x, axes) if axes and x.size else astype(x, x.dtype)


def roll(x, /, shift, *, axis=None):
    if axis is None:
        return _core.reshape(roll(_core.reshape(x, [-1]), shift, axis=0), list(x.shape)) if x.size else x
    axes = [axis] if isinstance(axis, int) else list(axis)
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    if len(axes) == 1 and len(shifts) > 1:
        axes = axes * len(shifts)
    result = x
    for each, by in zip(axes, shifts):
        each = _axis(each, x.ndim)
        size = x.shape[each]
        if size and x.size:
            result = _core.roll(result, [by % size], [each])
    return result


def tile(x, repetitions, /):
    counts = [1] * (x.ndim - len(repetitions)) + [int(r) for r in repetitions]
    dims = [1] * (len(counts) - x.ndim) + list(x.shape)
    if 0 in counts or 0 in dims:
        return _core.full([a * b for a, b in zip(counts, dims)], 0, x.dtype)
    return _core.tile(x, counts)


def repeat(x, repeats, /, *, axis=None):
    """Returns each slice so many times; the counts are sizes, so a tensor of them is read."""
    if axis is None:
        x, axis = _core.reshape(x, [-1]), 0
    axis = _axis(axis, x.ndim)
    counts = np.broadcast_to(np.asarray(repeats), (x.shape[axis],))
    positions = np.repeat(np.arange(x.shape[axis]), counts)
    return take(x, asarray(positions), axis=axis)


def take(x, indices, /, *, axis=None):
    """Returns the slices along `axis` that the indices name."""
    if axis is None:
        if x.ndim != 1:
            raise ValueError(f"take: {x.ndim} dimensions need an axis")
        axis = 0
    axis = _axis(axis, x.ndim)
    return x[(slice(None),) * axis + (asarray(indices),)]


def take_along_axis(x, indices, /, *, axis=-1):
    axis = _axis(axis, x.ndim)
    indices = asarray(indices)
    dims = list(np.broadcast_shapes(*([1 if i == axis else s for i, s in enumerate(v.shape)] for v in (x, indices))))
    spread = lambda v: _core.broadcast_to(v, [v.shape[i] if i == axis else s for i, s in enumerate(dims)])
    x, indices = spread(x), spread(indices)
    if not indices.size:
        return _core.full(list(indices.shape), 0, x.dtype)
    indices = (
        _core.where(indices < 0, indices + x.shape[axis], indices) if kind_of(indices.dtype) == "signed" else indices
    )
    return _core.take_along_axis(x, indices, axis)


__all__ = [
    name
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", None) == __name__
]
