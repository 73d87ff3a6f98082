"""x[key] and x[key] = value, by NumPy's rules. Arrays of indices are moved inside where they stick out."""

import operator

import numpy as np

from . import _core
from ._core import Tensor
from ._dtypes import is_integer

_INDEX_TYPE = np.dtype("int64")


def _expanded(key, rank, shape):
    """Returns the key as a list with one entry for each dimension, None entries between them."""
    keys = list(key) if isinstance(key, tuple) else [key]
    keys = [_as_index(k) for k in keys]
    taken = sum(_dimensions(k) for k in keys)
    if sum(k is Ellipsis for k in keys) > 1:
        raise IndexError("an index has one ellipsis at most")
    if taken > rank:
        raise IndexError(f"{taken} indices came for {rank} dimensions {tuple(shape)}")
    if not any(k is Ellipsis for k in keys):
        keys.append(Ellipsis)
    at = next(i for i, k in enumerate(keys) if k is Ellipsis)
    keys[at : at + 1] = [slice(None)] * (rank - taken)
    return keys


def _as_index(key):
    if key is None or key is Ellipsis or isinstance(key, (slice, Tensor)):
        if isinstance(key, Tensor) and key.ndim == 0 and is_integer(key.dtype) and not key.traced:
            return operator.index(key)
        return key
    if isinstance(key, (bool, np.bool_)):
        from . import asarray

        return asarray(bool(key))
    if isinstance(key, (list, np.ndarray)):
        from . import asarray

        return asarray(np.asarray(key, dtype=None if len(key) else _INDEX_TYPE) if isinstance(key, list) else key)
    try:
        return operator.index(key)
    except TypeError:
        raise IndexError(
            f"a {type(key).__name__} is no index; there are integers, slices, None, ... and tensors"
        ) from None


def _dimensions(key):
    if key is None or key is Ellipsis:
        return 0
    return key.ndim if isinstance(key, Tensor) and key.dtype == np.bool_ else 1


def _whole(index, size, dim):
    if not -size <= index < size:
        raise IndexError(f"index {index} is outside of dimension {dim}, whose size is {size}")
    return index + size if index < 0 else index


def _sliced(x, slices):
    """Returns x[slices], one slice for each dimension."""
    starts, limits, strides, backwards = [], [], [], []
    for dim, (part, size) in enumerate(zip(slices, x.shape)):
        start, stop, step = part.indices(size)
        count = len(range(start, stop, step))
        if step < 0:
            backwards.append(dim)
            first = start + (count - 1) * step
            start, step = (first, -step) if count else (0, 1)
        starts.append(start if count else 0)
        limits.append(start + (count - 1) * step + 1 if count else 0)
        strides.append(step if count else 1)
    if starts == [0] * x.ndim and limits == list(x.shape) and all(s == 1 for s in strides):
        return _core.reverse(x, backwards) if backwards else x
    result = _core.slice(x, starts, limits, strides)
    return _core.reverse(result, backwards) if backwards else result


def _host_values(mask):
    """Returns the mask's bools: how many are true is a size, which a trace cannot know."""
    if mask.traced:
        from . import TracedValue

        raise TracedValue("a mask says how many elements there are, and a traced one has no value; use where")
    return np.asarray(mask)


def _positions(keys, shape):
    """Returns the keys with masks replaced by the positions of what is true."""
    from . import asarray

    result, dim = [], 0
    for key in keys:
        if isinstance(key, Tensor) and key.dtype == np.bool_:
            if tuple(shape[dim : dim + key.ndim]) != key.shape:
                raise IndexError(f"a mask of {key.shape} came for dimensions {tuple(shape[dim:dim + key.ndim])}")
            if key.ndim == 0:
                result.append(key)
            else:
                result.extend(asarray(part) for part in np.nonzero(_host_values(key)))
            dim += key.ndim
        else:
            result.append(key)
            dim += key is not None
    return result


def get_item(self, key):
    keys = _expanded(key, self.ndim, self.shape)
    if any(isinstance(k, Tensor) and k.dtype == np.bool_ and k.ndim == 0 for k in keys):
        masks = [k for k in keys if isinstance(k, Tensor) and k.ndim == 0]
        rest = tuple(k for k in keys if not (isinstance(k, Tensor) and k.ndim == 0))
        chosen = all(bool(k) for k in masks)
        return get_item(get_item(self, rest), (None,) if chosen else (None, Ellipsis))[: 1 if chosen else 0]
    keys = _positions(keys, self.shape)
    slices, dims = [], iter(range(self.ndim))
    for k in keys:
        if k is None:
            continue
        dim = next(dims)
        size = self.shape[dim]
        if isinstance(k, int):
            at = _whole(k, size, dim)
            slices.append(slice(at, at + 1))
        else:
            slices.append(k if isinstance(k, slice) else slice(None))
    cut = _sliced(self, slices)
    sizes, arrays, dim = [], [], 0
    for k in keys:
        if k is None:
            sizes.append(1)
            continue
        if isinstance(k, Tensor):
            arrays.append((len(sizes), k))
        if not isinstance(k, int) or _has_arrays(keys):
            sizes.append(cut.shape[dim])
        dim += 1
    # NumPy treats integers beside arrays as arrays of no dimensions.
    if arrays:
        return _gathered(cut, keys, sizes)
    return cut if tuple(sizes) == cut.shape else _core.reshape(cut, sizes)


def _has_arrays(keys):
    return any(isinstance(k, Tensor) for k in keys)


def _gathered(cut, keys, sizes):
    """Returns elements by arrays of indices; integers among the keys are arrays without dimensions."""
    from . import asarray, broadcast_arrays

    x = _core.reshape(cut, sizes)
    at = [i for i, k in enumerate(keys) if isinstance(k, (Tensor, int))]
    arrays = [keys[i] if isinstance(keys[i], Tensor) else asarray(0) for i in at]
    for array in arrays:
        if not is_integer(array.dtype):
            raise IndexError(f"{array.dtype} is no type of indices; there are integers and bools")
    arrays = broadcast_arrays(*arrays)
    together = at == list(range(at[0], at[0] + len(at)))
    others = [i for i in range(len(sizes)) if i not in at]
    order = at + others
    moved = _core.transpose(x, order) if order != list(range(len(order))) else x
    flat = None
    for array, i in zip(arrays, at):
        index = array.astype(_INDEX_TYPE)
        index = _core.where(index < 0, index + sizes[i], index)
        flat = index if flat is None else flat * sizes[i] + index
    rest = [sizes[i] for i in others]
    count = int(np.prod([sizes[i] for i in at]))
    if count == 0 and flat.size:
        raise IndexError(f"an index came for a dimension without elements: {tuple(sizes)}")
    result = _core.reshape(moved, [count] + rest)
    result = (
        _core.take(result, flat, 0) if flat.size and result.size else _core.full(list(flat.shape) + rest, 0, x.dtype)
    )
    if not together or at[0] == 0:
        return result
    before = [i for i in others if i < at[0]]
    ranks = len(flat.shape)
    order = [ranks + k for k in range(len(before))] + list(range(ranks)) + list(range(ranks + len(before), result.ndim))
    return _core.transpose(result, order)


def set_item(self, key, value):
    """Makes this handle one of the tensor with `value` at `key`; other handles and results keep what they have."""
    from . import asarray

    value = asarray(value, dtype=None if isinstance(value, Tensor) else self.dtype)
    if value.dtype != self.dtype:
        value = value.astype(self.dtype)
    count = self.size
    places = get_item(_core.reshape(_core.iota([count], 0, _INDEX_TYPE), list(self.shape)), key) if count else None
    if places is None or places.size == 0:
        return
    values = _core.reshape(_core.broadcast_to(value, list(places.shape)), [-1])
    flat = _core.reshape(self, [-1])
    changed = _core.put_along_axis(flat, _core.reshape(places, [-1]), values, 0, False)
    self.become(_core.reshape(changed, list(self.shape)))
