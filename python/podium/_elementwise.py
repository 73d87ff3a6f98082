"""Functions of the array API that take one element of each operand."""

import math

import numpy as np

from . import _core
from ._core import Tensor, rows
from ._creation import asarray, astype
from ._dtypes import bits_of, is_floating, is_integer, kind_of
from ._shapes import broadcast_arrays
from ._types import _FLOAT, _pair, result_type


def _unary(name, row=None):
    def function(x, /):
        return getattr(rows, row or name)(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(rows, row or name).__doc__
    return function


def _binary(name, row=None):
    def function(x1, x2, /):
        return getattr(rows, row or name)(x1, x2)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(rows, row or name).__doc__
    return function


for _name in ("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1", "log", "log1p", "logical_not",
              "sin", "sinh", "sqrt", "tan", "tanh", "real", "imag", "rsqrt", "cbrt", "erf", "erfc", "lgamma", "digamma"):  # fmt: skip
    globals()[_name] = _unary(_name)
for _name in ("add", "subtract", "multiply", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
              "atan2", "maximum", "minimum"):  # fmt: skip
    globals()[_name] = _binary(_name)
pow = _binary("pow", "power")
bitwise_and = _binary("bitwise_and", "logical_and")
bitwise_or = _binary("bitwise_or", "logical_or")
bitwise_xor = _binary("bitwise_xor", "logical_xor")
bitwise_left_shift = _binary("bitwise_left_shift", "shift_left")
nextafter = _binary("nextafter", "next_after")


def _truth(x):
    x = asarray(x)
    return x if x.dtype == np.bool_ else x != 0


def logical_and(x1, x2, /):
    return rows.logical_and(_truth(x1), _truth(x2))


def logical_or(x1, x2, /):
    return rows.logical_or(_truth(x1), _truth(x2))


def logical_xor(x1, x2, /):
    return rows.logical_xor(_truth(x1), _truth(x2))


def logical_not(x, /):
    return rows.logical_not(_truth(x))


def bitwise_invert(x, /):
    return rows.logical_not(x)


def bitwise_right_shift(x1, x2, /):
    x1, x2 = _pair(x1, x2)
    row = rows.shift_right_arithmetic if kind_of(x1.dtype) == "signed" else rows.shift_right_logical
    return row(x1, x2)


def abs(x, /):
    """Returns the magnitudes: reals of complex numbers."""
    return x if kind_of(x.dtype) in ("unsigned", "bool") else rows.abs(x)


def negative(x, /):
    return rows.negate(x)


def positive(x, /):
    return astype(x, x.dtype)


def sign(x, /):
    if kind_of(x.dtype) == "unsigned":
        return astype(x != 0, x.dtype)
    return rows.sign(x)


def _keeps_integers(name, row):
    def function(x, /):
        return astype(x, x.dtype) if not is_floating(x.dtype) else row(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = row.__doc__
    return function


floor = _keeps_integers("floor", rows.floor)
ceil = _keeps_integers("ceil", rows.ceil)


def round(x, /):
    """Returns the nearest integers, ties to the even ones."""
    if kind_of(x.dtype) == "complex":
        return rows.complex(rows.round(real(x)), rows.round(imag(x)))
    return astype(x, x.dtype) if not is_floating(x.dtype) else rows.round(x)


def trunc(x, /):
    """Returns the integers next to the numbers, towards zero."""
    if not is_floating(x.dtype):
        return astype(x, x.dtype)
    return rows.select(x < 0, rows.ceil(x), rows.floor(x))


def isfinite(x, /):
    if kind_of(x.dtype) == "complex":
        return rows.logical_and(rows.is_finite(real(x)), rows.is_finite(imag(x)))
    return rows.is_finite(x) if is_floating(x.dtype) else _core.full(list(x.shape), True, np.dtype(bool))


def isinf(x, /):
    if kind_of(x.dtype) == "complex":
        return rows.logical_or(rows.is_inf(real(x)), rows.is_inf(imag(x)))
    return rows.is_inf(x) if is_floating(x.dtype) else _core.full(list(x.shape), False, np.dtype(bool))


def isnan(x, /):
    if kind_of(x.dtype) in ("complex", "real"):
        return x != x
    return _core.full(list(x.shape), False, np.dtype(bool))


def real(x, /):
    return rows.real(x) if kind_of(x.dtype) == "complex" else x


def imag(x, /):
    return rows.imag(x) if kind_of(x.dtype) == "complex" else _core.full(list(x.shape), 0, x.dtype)


def conj(x, /):
    return _core.conj(x)


def square(x, /):
    return x * x


def reciprocal(x, /):
    return divide(1, x)


def log2(x, /):
    """Returns logarithms to base 2; exact for its powers within the type's precision."""
    return rows.log(x) / math.log(2)


def log10(x, /):
    return rows.log(x) / math.log(10)


def logaddexp(x1, x2, /):
    """Returns log(exp(x1) + exp(x2)), computed stably."""
    x1, x2 = _pair(x1, x2)
    greatest = rows.maximum(x1, x2)
    distance = x1 - x2
    stable = greatest + rows.log1p(rows.exp(negative(abs(distance))))
    return rows.select(isnan(distance), x1 + x2, stable)


def hypot(x1, x2, /):
    """Returns sqrt(x1² + x2²) without overflow between."""
    x1, x2 = _pair(x1, x2)
    x1, x2 = abs(x1), abs(x2)
    large, small = rows.maximum(x1, x2), rows.minimum(x1, x2)
    ratio = small / rows.select(large == 0, 1.0, large)
    result = large * rows.sqrt(1 + ratio * ratio)
    infinite = rows.logical_or(isinf(x1), isinf(x2))
    return rows.select(infinite, math.inf, result)


def copysign(x1, x2, /):
    """Returns the magnitudes of the first with the signs of the second."""
    x1, x2 = broadcast_arrays(*_pair(x1, x2))
    signs = np.dtype(f"uint{bits_of(x1.dtype)}")
    top = 1 << (bits_of(x1.dtype) - 1)
    magnitude = rows.logical_and(_core.bitcast_convert(x1, signs), top - 1)
    sign_bit = rows.logical_and(_core.bitcast_convert(x2, signs), top)
    return _core.bitcast_convert(rows.logical_or(magnitude, sign_bit), x1.dtype)


def signbit(x, /):
    """True where the sign is negative, that of -0.0 too."""
    unsigned = np.dtype(f"uint{bits_of(x.dtype)}")
    return _core.bitcast_convert(x, unsigned) >= (1 << (bits_of(x.dtype) - 1))


def divide(x1, x2, /):
    """Returns quotients; of integers, as floats."""
    x1, x2 = _pair(x1, x2)
    if kind_of(x1.dtype) in ("bool", "signed", "unsigned"):
        x1, x2 = _core.convert(x1, _FLOAT), _core.convert(x2, _FLOAT)
    return rows.divide(x1, x2)


def remainder(x1, x2, /):
    """Returns what is left of the division, with the divisor's sign."""
    x1, x2 = _pair(x1, x2)
    rest = rows.remainder(x1, x2)
    if kind_of(x1.dtype) == "unsigned":
        return rest
    wrong = rows.logical_and(rest != 0, (rest < 0) != (x2 < 0))
    rest = rows.select(wrong, rest + x2, rest)
    return _with_zero_of(rest, x2)


def _with_zero_of(rest, divisor):
    """Returns the remainders with zeros of the divisor's sign."""
    if not is_floating(rest.dtype):
        return rest
    return rows.select(rest == 0, copysign(_core.full([], 0, rest.dtype), divisor), rest)


def floor_divide(x1, x2, /):
    """Returns the greatest integers that are not above the quotients."""
    x1, x2 = _pair(x1, x2)
    if is_integer(x1.dtype):
        quotient = rows.divide(x1, x2)
        if kind_of(x1.dtype) == "unsigned":
            return quotient
        rest = rows.remainder(x1, x2)
        return quotient - astype(rows.logical_and(rest != 0, (rest < 0) != (x2 < 0)), x1.dtype)
    return rows.floor(rows.divide(x1, x2))


def clip(x, /, min=None, max=None):
    """Returns the numbers, those outside moved to the nearer bound."""
    result = x
    for bound, row in ((min, rows.maximum), (max, rows.minimum)):
        if bound is not None:
            bound = asarray(bound, dtype=None if isinstance(bound, Tensor) else x.dtype)
            bound = bound if bound.dtype == x.dtype else astype(bound, x.dtype)
            result = row(result, bound)
    return astype(result, x.dtype)


def where(condition, x1, x2, /):
    """Returns elements of the first where the condition holds, else of the second."""
    dtype = result_type(x1, x2)
    return _core.where(_truth(condition), asarray(x1, dtype=dtype), asarray(x2, dtype=dtype))


__all__ = [
    name
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", None) == __name__
]
