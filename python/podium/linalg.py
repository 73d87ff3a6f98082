"""Linear algebra: the array API's extension."""

import math
from collections import namedtuple

from . import _core, _functions
from ._creation import DEFAULT_DTYPES, asarray, astype
from ._dtypes import kind_of
from ._functions import matmul, matrix_transpose, tensordot, vecdot

_linalg = _core.linalg
EighResult = namedtuple("EighResult", "eigenvalues eigenvectors")
QRResult = namedtuple("QRResult", "Q R")
SlogdetResult = namedtuple("SlogdetResult", "sign logabsdet")
SVDResult = namedtuple("SVDResult", "U S Vh")


def _matrices(x, name, square=False):
    if x.ndim < 2:
        raise ValueError(f"{name}: {x.shape} has no matrices")
    if square and x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name}: the matrices of {x.shape} are not square")
    return x


def cholesky(x, /, *, upper=False):
    """Returns the lower (or upper) triangular factor of positive definite matrices."""
    _matrices(x, "cholesky", True)
    return _linalg.cholesky(x, not upper) if x.size else x


def cross(x1, x2, /, *, axis=-1):
    """Returns the products of vectors of three elements along `axis`."""
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(f"cross: {x1.shape} and {x2.shape} have not 3 elements along axis {axis}")
    x1, x2 = _functions.broadcast_arrays(*_functions._pair(x1, x2))
    a, b = _functions.unstack(x1, axis=axis), _functions.unstack(x2, axis=axis)
    parts = [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]
    return _functions.stack(parts, axis=axis)


def det(x, /):
    """Returns the determinants."""
    _matrices(x, "det", True)
    return _linalg.det(x) if x.size else _core.full(list(x.shape[:-2]), 1, x.dtype)


def diagonal(x, /, *, offset=0):
    """Returns the elements of diagonal `offset` as the last dimension."""
    _matrices(x, "diagonal")
    rows, columns = x.shape[-2:]
    count = max(min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns), 0)
    if count == 0 or not x.size:
        return _core.full([*x.shape[:-2], count], 0, x.dtype)
    return _linalg.diagonal(x, offset)


def eigh(x, /):
    """Returns eigenvalues, ascending, and orthonormal eigenvectors of symmetric matrices."""
    _matrices(x, "eigh", True)
    if not x.size:
        return EighResult(_core.full(list(x.shape[:-1]), 0, _functions.real(x).dtype), x)
    return EighResult(*_linalg.eigh(x))


def eigvalsh(x, /):
    return eigh(x).eigenvalues


def inv(x, /):
    """Returns the inverses."""
    _matrices(x, "inv", True)
    return _linalg.inverse(x) if x.size else x


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """Returns norms of matrices: "fro", "nuc", ±1, ±2, ±inf."""
    _matrices(x, "matrix_norm")
    rank = x.ndim
    return _linalg.norm(x, *_order(ord), [rank - 2, rank - 1], keepdims)


def _order(order):
    return (None, order) if isinstance(order, str) else (float(order), "")


def matrix_power(x, n, /):
    """Returns the n-th powers of square matrices."""
    _matrices(x, "matrix_power", True)
    if n < 0:
        x, n = inv(x), -n
    result = None
    while n:
        if n & 1:
            result = x if result is None else matmul(result, x)
        n >>= 1
        x = matmul(x, x) if n else x
    if result is None:
        result = _functions.broadcast_to(_identity(x.shape[-1], x.dtype), x.shape)
    return result


def _identity(size, dtype):
    from ._creation import eye

    return eye(size, dtype=dtype)


def matrix_rank(x, /, *, rtol=None):
    """Returns how many singular values are above `rtol` of the greatest."""
    _matrices(x, "matrix_rank")
    if rtol is not None and not isinstance(rtol, (int, float)):
        s = svdvals(x)
        limit = _functions.max(s, axis=-1, keepdims=True) * _functions.expand_dims(asarray(rtol), -1)
        return _functions.count_nonzero(s > limit, axis=-1)
    return astype(_linalg.matrix_rank(x, None if rtol is None else float(rtol)), DEFAULT_DTYPES["i"])


def outer(x1, x2, /):
    """Returns the products of all elements of two vectors."""
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError(f"outer: {x1.shape} and {x2.shape} are not vectors")
    return _functions.expand_dims(x1, -1) * x2


def pinv(x, /, *, rtol=None):
    """Returns the pseudo-inverses."""
    _matrices(x, "pinv")
    if not x.size:
        return _core.full([*x.shape[:-2], x.shape[-1], x.shape[-2]], 0, x.dtype)
    if rtol is None or isinstance(rtol, (int, float)):
        return _linalg.pinv(x, None if rtol is None else float(rtol))
    u, s, vh = svd(x, full_matrices=False)
    limit = _functions.max(s, axis=-1, keepdims=True) * _functions.expand_dims(asarray(rtol), -1)
    inverse = _functions.where(s > limit, 1 / _functions.where(s > limit, s, 1.0), 0.0)
    left = _functions.conj(matrix_transpose(vh)) * _functions.expand_dims(inverse, -2)
    return matmul(left, _functions.conj(matrix_transpose(u)))


def qr(x, /, *, mode="reduced"):
    """Returns orthonormal columns and an upper triangle whose product is x."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f'qr: mode is "reduced" or "complete", not {mode!r}')
    return QRResult(*_linalg.qr(_matrices(x, "qr"), mode == "complete"))


def slogdet(x, /):
    """Returns the determinants' signs and the logarithms of their magnitudes."""
    _matrices(x, "slogdet", True)
    if not x.size:
        sign = _core.full(list(x.shape[:-2]), 1, x.dtype)
        return SlogdetResult(sign, _functions.real(sign) * 0)
    return SlogdetResult(*_linalg.slogdet(x))


def solve(x1, x2, /):
    """Returns what the matrices multiply to the second operand; a vector or matrices."""
    x1, x2 = _functions._pair(_matrices(x1, "solve", True), x2)
    if not x1.size or not x2.size:
        return _core.full(list(x2.shape), 0, x2.dtype)
    if x2.ndim == 1:
        columns = _linalg.solve(x1, _functions.expand_dims(x2, -1))
        return _functions.squeeze(columns, -1)
    return _linalg.solve(x1, x2)


def svd(x, /, *, full_matrices=True):
    """Returns u, s, vh with x = u diag(s) vh, singular values descending."""
    return SVDResult(*_linalg.svd(_matrices(x, "svd"), full_matrices))


def svdvals(x, /):
    """Returns the singular values, descending."""
    return _linalg.singular_values(_matrices(x, "svdvals"))


def trace(x, /, *, offset=0, dtype=None):
    """Returns the sums of diagonal `offset`."""
    return _functions.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """Returns norms of vectors along `axis` (None: of all elements)."""
    if kind_of(x.dtype) not in ("real", "complex"):
        raise TypeError(f"vector_norm: {x.dtype} has no norms; convert it with astype")
    axes = _functions._axes(axis, x.ndim)
    sizes = _functions.abs(x)
    if not axes:
        return astype(sizes != 0, sizes.dtype) if ord == 0 else sizes
    if ord in (math.inf, -math.inf):
        return (_functions.max if ord > 0 else _functions.min)(sizes, axis=tuple(axes), keepdims=keepdims)
    if ord == 0:
        return astype(_functions.count_nonzero(x, axis=tuple(axes), keepdims=keepdims), sizes.dtype)
    if ord == 1:
        return _functions.sum(sizes, axis=tuple(axes), keepdims=keepdims)
    if ord == 2:
        scale = _functions.max(sizes, axis=tuple(axes), keepdims=True) if x.size else _core.full([], 1, sizes.dtype)
        scale = _functions.where((scale == 0) | ~_functions.isfinite(scale), 1.0, scale)
        scaled = sizes / scale
        root = _core.rows.sqrt(_functions.sum(scaled * scaled, axis=tuple(axes), keepdims=True)) * scale
        return root if keepdims else _functions.squeeze(root, tuple(axes))
    return _functions.sum(sizes ** float(ord), axis=tuple(axes), keepdims=keepdims) ** (1.0 / ord)


__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "trace",
    "vecdot", "vector_norm",
]  # fmt: skip
