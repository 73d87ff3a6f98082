"""Products of the array API, and einsum."""

import builtins

from . import _core
from ._creation import asarray, astype
from ._dtypes import kind_of
from ._elementwise import conj
from ._shapes import moveaxis
from ._types import _axes, result_type


def matmul(x1, x2, /):
    x1, x2 = asarray(x1), asarray(x2)
    dtype = result_type(x1, x2)
    return _core.matmul(astype(x1, dtype, copy=False), astype(x2, dtype, copy=False))


def tensordot(x1, x2, /, *, axes=2):
    """Returns sums of products over the last `axes` dimensions of the first and the first of the second, or those given."""
    x1, x2 = asarray(x1), asarray(x2)
    dtype = result_type(x1, x2)
    if isinstance(axes, int):
        axes = list(range(x1.ndim - axes, x1.ndim)), list(range(axes))
    first, second = ([each] if isinstance(each, int) else list(each) for each in axes)
    return _core.tensordot(
        astype(x1, dtype, copy=False),
        astype(x2, dtype, copy=False),
        _axes(tuple(first), x1.ndim),
        _axes(tuple(second), x2.ndim),
    )


def vecdot(x1, x2, /, *, axis=-1):
    """Returns the sums of conj(x1) x2 along `axis`."""
    rank = builtins.min(x1.ndim, x2.ndim)
    if not -rank <= axis < 0 and not (axis >= 0 and x1.ndim == x2.ndim):
        raise ValueError(f"vecdot: axis {axis} is none of both operands' dimensions, counted from the end")
    if x1.shape[axis] != x2.shape[axis]:
        raise ValueError(f"vecdot: {x1.shape} and {x2.shape} differ along axis {axis}")
    x1, x2 = moveaxis(x1, axis, -1), moveaxis(x2, axis, -1)
    dtype = result_type(x1, x2)
    left = astype(conj(x1) if kind_of(x1.dtype) == "complex" else x1, dtype, copy=False)
    return _core.sum(left * astype(x2, dtype, copy=False), [builtins.max(x1.ndim, x2.ndim) - 1], False)


def einsum(subscripts, /, *operands):
    """Returns the sum of products that the subscripts describe: einsum("ij,jk->ik", x, y)."""
    dtype = result_type(*operands)
    return _core.einsum(subscripts, [astype(asarray(x), dtype, copy=False) for x in operands])


__all__ = [
    name
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", None) == __name__
]
