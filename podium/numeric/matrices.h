#pragma once

#include <functional>

#include "podium/ir/control.h"

namespace podium::linalg {

/// Throws DTYPE_MISMATCH unless `x` holds floating-point or complex numbers, SHAPE_MISMATCH unless it has matrices.
void expect_matrices(std::string_view op, const Tensor& x, const Location& location);
/// The same, and SHAPE_MISMATCH unless they are square.
void expect_square_matrices(std::string_view op, const Tensor& x, const Location& location);

/// Returns x: [..., m, n] as [batch, m, n].
Tensor flat_matrices(const Tensor& x);
/// Returns x: [batch, ...] as [leading dimensions of `like`: [..., m, n], ...].
Tensor batched_like(const Tensor& x, const Tensor& like);
/// Returns `x` with the leading dimensions of its matrices broadcast to those of `other`: [..., m, n].
Tensor with_leading_of(std::string_view op, const Tensor& x, const Tensor& other, const Location& location);

/// Returns the rows of x: [batch, m, n] that rows: i32[batch, k] names: [batch, k, n].
Tensor rows_at(const Tensor& x, const Tensor& rows);
/// Returns columns first … first + size - 1.
Tensor columns(const Tensor& x, std::int64_t first, std::int64_t size);
/// Returns the elements (i, i) of the last two dimensions: [..., min(m, n)].
Tensor main_diagonal(const Tensor& x);
/// Returns |x|² in the type of x's parts.
Tensor squared_magnitude(const Tensor& x);
/// Returns x / divisor where the divisor is not 0, else 0: without NaNs in derivatives either.
Tensor divided_where_not_zero(const Tensor& x, const Tensor& divisor);
/// Returns the distance from 1 to the next number of the type (of its parts).
double epsilon(DataType type);

/// Maps (operands, the function's results on them, one tangent an operand) to a tangent for each result of real or
/// complex numbers, linear in the tangents.
using DerivativeRule = std::function<Tensors(const Tensors& operands, const Tensors& results, const Tensors& tangents)>;
/// Returns compute(operands), whose derivatives are what `rule` says, also of second order; unlike custom_jvp_list's,
/// they reuse the results instead of computing them again. The third derivative goes through `compute` itself.
Tensors with_derivative(const TensorFunction& compute, const DerivativeRule& rule, const Tensors& operands,
                        const Location& location);

}  // namespace podium::linalg
