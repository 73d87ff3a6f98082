"""Data types: NumPy's, with ml_dtypes' for those that NumPy lacks."""

import enum

import numpy as np

from . import _core

NUMPY_TYPES = _core.NUMPY_TYPES  # in the order of the library's DataType, whose names are DATA_TYPE_NAMES
_INDEX = {dtype: index for index, dtype in enumerate(NUMPY_TYPES)}
_BY_NAME = {name: NUMPY_TYPES[index] for index, name in enumerate(_core.DATA_TYPE_NAMES)} | {
    dtype.name: dtype for dtype in NUMPY_TYPES
}

DataType = enum.Enum("DataType", {dtype.name.upper(): dtype for dtype in NUMPY_TYPES})
DataType.__doc__ = "The data types by the library's names: DataType.FLOAT32."

_PYTHON = {bool: "bool", int: "int64", float: "float32", complex: "complex64"}


def as_dtype(given):
    """Returns NumPy's data type for a data type, a DataType, a Python type or a name ("float32", "f32")."""
    if isinstance(given, DataType):
        return given.value
    if isinstance(given, str) and given in _BY_NAME:
        return _BY_NAME[given]
    if isinstance(given, type) and given in _PYTHON:
        return np.dtype(_PYTHON[given])
    dtype = np.dtype(given)
    if dtype not in _INDEX:
        raise TypeError(f"{dtype} is no data type of tensors; there are {', '.join(_BY_NAME)}")
    return dtype


def _index_of(given):
    try:
        return _INDEX[as_dtype(given)]
    except TypeError:
        return len(NUMPY_TYPES)


_core.read_data_types_by(_index_of)

for _dtype in NUMPY_TYPES:
    globals()[_dtype.name] = _dtype


def bits_of(dtype):
    """Returns how many bits of an element carry its value."""
    return _core.DATA_TYPE_BITS[_INDEX[dtype]]


def kind_of(dtype):
    """Returns "bool", "signed", "unsigned", "real" or "complex"."""
    name = dtype.name
    if name == "bool":
        return "bool"
    return next(
        kind
        for start, kind in (("uint", "unsigned"), ("int", "signed"), ("complex", "complex"), ("", "real"))
        if name.startswith(start)
    )


def is_floating(dtype):
    return kind_of(dtype) == "real"


def is_integer(dtype):
    return kind_of(dtype) in ("signed", "unsigned")


__all__ = ["DataType", "NUMPY_TYPES", *(dtype.name for dtype in NUMPY_TYPES)]
