#pragma once

#include "podium/ir/op.h"

namespace podium {

extern const Unary abs, negate, sign, exp, expm1, log, log1p, sqrt, rsqrt, cbrt, logistic, tanh, sin, cos, tan, floor,
    ceil, is_finite, real, imag;
extern const Unary round;            ///< to the nearest integer, ties to the even one
extern const Unary round_half_away;  ///< to the nearest integer, ties away from zero
extern const Unary logical_not, popcnt, count_leading_zeros;
extern const Binary add, subtract, multiply, divide, maximum, minimum, power, remainder, logical_and, logical_or,
    logical_xor, shift_left, shift_right_logical, shift_right_arithmetic;
extern const Binary atan2;    ///< atan2(y, x)
extern const Binary complex;  ///< complex(real, imaginary): c64 of f32, c128 of f64
// The special functions of CHLO.
extern const Unary acos, acosh, asin, asinh, atan, atanh, sinh, cosh, erf, erfc, erf_inv, lgamma, digamma, bessel_i1e,
    is_inf, is_pos_inf, is_neg_inf;
extern const Binary next_after;  ///< next_after(x, towards)
extern const Binary polygamma;   ///< polygamma(order, x)
extern const Binary zeta;        ///< zeta(x, q)
extern const Binary equal, not_equal, less, less_equal, greater, greater_equal;
extern const Ternary select;  ///< select(condition, x, y): x where the condition holds, else y
extern const Ternary clamp;   ///< clamp(low, x, high)

namespace rows {
extern const Op convert, reduce_precision, bitcast_convert, stop_gradient, bessel_i0e;
}

/// Returns `x` with elements converted to `type`: floats round to nearest even, float to integer truncates.
Tensor convert(const Operand& x, DataType type);
/// Returns `x` rounded to so many bits of exponent and mantissa, in its own type.
Tensor reduce_precision(const Operand& x, int exponent_bits, int mantissa_bits);
/// Returns the same bits read as `type`: a wider type takes the last dimension in, a narrower one adds it, the low bits
/// first.
Tensor bitcast_convert(const Operand& x, DataType type);
/// Returns exp(-|x|) I0(x), I0 being the modified Bessel function of order 0.
Tensor bessel_i0e(const Operand& x);
/// Returns the complex conjugate; real numbers are their own.
Tensor conj(const Operand& x);
/// Returns x * x.
Tensor square(const Operand& x);
/// Returns `x` through which no gradient flows.
Tensor stop_gradient(const Operand& x);

inline Tensor operator+(const Operand& x, const Operand& y) { return add(x, y); }
inline Tensor operator-(const Operand& x, const Operand& y) { return subtract(x, y); }
inline Tensor operator*(const Operand& x, const Operand& y) { return multiply(x, y); }
inline Tensor operator/(const Operand& x, const Operand& y) { return divide(x, y); }
inline Tensor operator-(const Operand& x) { return negate(x); }
inline Tensor operator<(const Operand& x, const Operand& y) { return less(x, y); }
inline Tensor operator<=(const Operand& x, const Operand& y) { return less_equal(x, y); }
inline Tensor operator>(const Operand& x, const Operand& y) { return greater(x, y); }
inline Tensor operator>=(const Operand& x, const Operand& y) { return greater_equal(x, y); }
inline Tensor operator&(const Operand& x, const Operand& y) { return logical_and(x, y); }
inline Tensor operator|(const Operand& x, const Operand& y) { return logical_or(x, y); }
inline Tensor operator^(const Operand& x, const Operand& y) { return logical_xor(x, y); }

std::span<const Op* const> elementwise_ops();

}  // namespace podium
