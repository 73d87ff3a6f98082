#pragma once

#include "podium/ir/op.h"

namespace podium {

extern const Unary abs, negate, sign, exp, expm1, log, log1p, sqrt, rsqrt, tanh, logistic, sin, cos, floor, ceil,
    is_finite, logical_not;
extern const Binary add, subtract, multiply, divide, maximum, minimum, power, remainder, logical_and, logical_or,
    logical_xor, shift_left, shift_right_logical, shift_right_arithmetic;
extern const Binary equal, not_equal, less, less_equal, greater, greater_equal;
extern const Ternary select;  ///< select(condition, x, y): x where the condition holds, else y
extern const Ternary clamp;   ///< clamp(low, x, high)

namespace rows {
extern const Op convert, bitcast_convert;
}

/// Returns `x` with elements converted to `type`: floats round to nearest even, float to integer truncates.
Tensor convert(const Operand& x, DataType type);
/// Returns the same bits read as `type`, which must be as wide as the operand's.
Tensor bitcast_convert(const Operand& x, DataType type);
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
