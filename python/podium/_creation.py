"""Making tensors of what Python, NumPy and other libraries hold."""

import numpy as np

from . import _core
from ._core import Device, Tensor
from ._dtypes import as_dtype

DEFAULT_DTYPES = {"b": np.dtype(bool), "i": np.dtype("int64"), "f": np.dtype("float32"), "c": np.dtype("complex64")}
_SCALARS = (bool, int, float, complex)


def as_device(device):
    """Returns the device that a Device, a text ("cuda:0"), or None (nothing) says."""
    return Device(device) if isinstance(device, str) else device


def _host_array(array):
    """Returns the NumPy array's own bytes, or those of a row-major copy."""
    array = np.ascontiguousarray(array).reshape(array.shape)
    return _core.host_array(array.reshape(-1).view(np.uint8), array.dtype, list(array.shape))


def _from_numpy(array, device):
    array = np.asarray(array)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("="))
    as_dtype(array.dtype)
    if array.size == 0:
        return _core.full(list(array.shape), 0, array.dtype)
    if _core.inlining():  # what a traced function makes of an array is part of its program
        return _placed(_core.constant(_host_array(array.copy())), device)
    return _core.put(_host_array(array), device)


def _has_tensors(values):
    return isinstance(values, (list, tuple)) and any(isinstance(v, Tensor) or _has_tensors(v) for v in values)


def _stacked(values):
    """Returns nested lists with tensors in them as one tensor."""
    from . import stack

    return stack([_stacked(v) if isinstance(v, (list, tuple)) else asarray(v) for v in values])


def _of_python(values):
    """Returns NumPy's array of Python's numbers, with the default types instead of NumPy's."""
    array = np.asarray(values)
    python_only = not hasattr(values, "dtype") and not hasattr(values, "__array__")
    if python_only and array.dtype.kind in DEFAULT_DTYPES and not _has_numpy(values):
        default = DEFAULT_DTYPES[array.dtype.kind]
        if array.size == 0 and array.dtype == np.float64 and isinstance(values, (list, tuple)):
            default = DEFAULT_DTYPES["f"]
        array = array.astype(default)
    return array


def _has_numpy(values):
    return isinstance(values, (list, tuple)) and any(hasattr(v, "dtype") or _has_numpy(v) for v in values)


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """Returns a tensor of a tensor, an array, a number, or nested lists of them.

    NumPy's arrays and others' are copied, for they can be written; `from_dlpack` shares their memory. `copy=False`
    throws where a copy is needed. Python's numbers become int64, float32 and complex64.
    """
    dtype = None if dtype is None else as_dtype(dtype)
    device = as_device(device)
    if isinstance(obj, Tensor):
        result = obj if dtype is None or obj.dtype == dtype else _core.convert(obj, dtype)
        if device is not None and result.device != device:
            result = result.move_to(device)
        if copy is False and result is not obj:
            raise ValueError("asarray: another data type or device needs a copy, and copy=False forbids it")
        return duplicate(result) if copy and result is obj else result
    if _has_tensors(obj):
        result = _stacked(obj)
        return asarray(result, dtype=dtype, device=device)
    if copy is False:
        raise ValueError("asarray: only tensors are taken without a copy; see from_dlpack for arrays")
    if dtype is not None and isinstance(obj, _SCALARS + (list, tuple)):
        array = np.asarray(obj, dtype=dtype) if dtype.kind != "V" else np.asarray(obj).astype(dtype)
    elif hasattr(obj, "__array__") or isinstance(obj, (np.ndarray, np.generic)):
        array = np.asarray(obj)
    elif hasattr(obj, "__dlpack__"):
        return asarray(from_dlpack(obj), dtype=dtype, device=device, copy=True)
    else:
        array = _of_python(obj)
    if array.dtype == object:
        raise TypeError(f"asarray: a {type(obj).__name__} is no array of numbers")
    if dtype is not None and array.dtype != dtype:
        array = array.astype(dtype)
    return _from_numpy(array, device)


def duplicate(tensor):
    """Returns another handle of the same value: writing to one does not show in the other."""
    handle = _core.Tensor.__new__(_core.Tensor)
    handle.__init__([0])
    handle.become(tensor)
    return handle


def tensor_or_none(obj):
    """Returns the tensor that asarray makes of arrays and lists; None for other objects."""
    if isinstance(obj, (list, tuple)) or hasattr(obj, "__array__") or hasattr(obj, "__dlpack__"):
        return asarray(obj)
    if isinstance(obj, complex):
        return asarray(obj)
    return None


def from_dlpack(x, /, *, device=None, copy=None):
    """Returns a tensor of another library's array, without a copy where its memory can be used as it is.

    Neither may be written while the other lives. `copy=True` copies; `copy=False` throws where a copy is needed.
    """
    if isinstance(x, Tensor):
        return asarray(x, device=device, copy=copy)
    kind = int(x.__dlpack_device__()[0])
    if kind != 1 and device is None:
        raise BufferError(
            f"from_dlpack: the array is on a device of DLPack's kind {kind}; device='cpu' says to copy it"
        )
    asked = {"max_version": (1, 0)} | ({} if kind == 1 else {"dl_device": (1, 0)})
    try:
        capsule = x.__dlpack__(**asked)
    except TypeError:  # a library from before version 1
        capsule = x.__dlpack__()
    host, own = _core.host_array_from_dlpack(capsule)
    result = _core.put(host, as_device(device)) if copy else _core.adopt(host, as_device(device))
    if copy is False and result.size and not (own and _address(result) == _address_of_array(host)):
        raise ValueError("from_dlpack: the memory cannot be used as it is, and copy=False forbids a copy")
    return result


def _address(tensor):
    return _address_of_array(tensor.view())


def _address_of_array(host):
    return np.frombuffer(host, np.uint8).ctypes.data


def _typed(dtype, fallback):
    return as_dtype(dtype) if dtype is not None else fallback


def _dims(shape):
    return [int(shape)] if not isinstance(shape, (tuple, list)) else [int(size) for size in shape]


def _placed(result, device):
    return result if device is None else result.move_to(as_device(device))


def full(shape, fill_value, *, dtype=None, device=None):
    """Returns `shape` filled with one number."""
    if isinstance(fill_value, Tensor):
        value = fill_value if dtype is None else fill_value.astype(dtype)
        return _placed(_core.broadcast_to(value, _dims(shape)), device)
    value = asarray(fill_value, dtype=dtype)
    return _placed(_core.broadcast_to(value, _dims(shape)), device)


def zeros(shape, *, dtype=None, device=None):
    """Returns zeros, float32 unless a data type is given."""
    return _placed(_core.full(_dims(shape), 0, _typed(dtype, np.dtype("float32"))), device)


def ones(shape, *, dtype=None, device=None):
    """Returns ones, float32 unless a data type is given."""
    return _placed(_core.full(_dims(shape), 1, _typed(dtype, np.dtype("float32"))), device)


def empty(shape, *, dtype=None, device=None):
    """Returns zeros: nothing is left as it was."""
    return zeros(shape, dtype=dtype, device=device)


def zeros_like(x, /, *, dtype=None, device=None):
    return zeros(x.shape, dtype=_typed(dtype, x.dtype), device=device)


def ones_like(x, /, *, dtype=None, device=None):
    return ones(x.shape, dtype=_typed(dtype, x.dtype), device=device)


def empty_like(x, /, *, dtype=None, device=None):
    return zeros_like(x, dtype=dtype, device=device)


def full_like(x, /, fill_value, *, dtype=None, device=None):
    return full(x.shape, fill_value, dtype=_typed(dtype, x.dtype), device=device)


def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    """Returns start, start + step, … before stop; int64 of integers, else float32."""
    if stop is None:
        start, stop = 0, start
    if dtype is None:
        dtype = DEFAULT_DTYPES["i" if all(isinstance(v, int) for v in (start, stop, step)) else "f"]
    dtype = as_dtype(dtype)
    return asarray(np.arange(start, stop, step).astype(dtype), device=device)


def linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
    """Returns `num` numbers at equal distances from start to stop."""
    if dtype is None:
        dtype = DEFAULT_DTYPES["c" if isinstance(start, complex) or isinstance(stop, complex) else "f"]
    return asarray(np.linspace(start, stop, num, endpoint=endpoint).astype(as_dtype(dtype)), device=device)


def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
    """Returns ones on diagonal `k` and zeros elsewhere."""
    dims = [n_rows, n_rows if n_cols is None else n_cols]
    if 0 in dims:
        return zeros(dims, dtype=dtype, device=device)
    rows, columns = (_core.iota(dims, axis, np.dtype("int64")) for axis in (0, 1))
    return _placed(_core.convert(columns - rows == k, _typed(dtype, np.dtype("float32"))), device)


def tril(x, /, *, k=0):
    return _core.triangle(x, False, k) if x.size else x


def triu(x, /, *, k=0):
    return _core.triangle(x, True, k) if x.size else x


def meshgrid(*arrays, indexing="xy"):
    """Returns one tensor for each vector: its elements along the dimension that is its own."""
    order = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        order[0], order[1] = 1, 0
    elif indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing is "xy" or "ij", not {indexing!r}')
    sizes = [1] * len(arrays)
    for array, axis in zip(arrays, order):
        sizes[axis] = array.size
    result = []
    for array, axis in zip(arrays, order):
        dims = [1] * len(arrays)
        dims[axis] = array.size
        result.append(_core.broadcast_to(_core.reshape(array, dims), sizes))
    return result


def astype(x, dtype, /, *, copy=True, device=None):
    """Returns the elements converted."""
    dtype = as_dtype(dtype)
    result = x if x.dtype == dtype else _core.convert(x, dtype)
    if copy and result is x:
        result = duplicate(x)
    return _placed(result, device)


__all__ = [
    "asarray", "from_dlpack", "full", "zeros", "ones", "empty", "zeros_like", "ones_like", "empty_like", "full_like", "arange",
    "linspace", "eye", "tril", "triu", "meshgrid", "astype",
]  # fmt: skip
