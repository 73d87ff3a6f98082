#pragma once

#include "podium/ir/ops.h"

/// Where `axes` are not given, all dimensions are meant; what is reduced stays as 1 where `keep_dims`.
namespace podium {

/// Returns the mean of the squared distances from the mean, with n − `correction` instead of n as the divisor. Source:
/// numpy.var.
Tensor variance(const Operand& x, const Dims& axes = {}, bool keep_dims = false, double correction = 0.0);
/// Returns the variance's square root. Source: numpy.std.
Tensor standard_deviation(const Operand& x, const Dims& axes = {}, bool keep_dims = false, double correction = 0.0);
/// Returns the mean in which each element counts as often as its weight says; weights: x's dimensions, or broadcast to
/// them. Source: numpy.average.
Tensor average(const Operand& x, const Operand& weights, const Dims& axes = {}, bool keep_dims = false);

/// Returns the number below which a share of `q` (in [0, 1]: a scalar or a vector, whose dimension comes first) of the
/// elements lies, between two elements in proportion to their distances. NaN where one of the elements is. x: floats.
/// Source: numpy.quantile, method "linear".
Tensor quantile(const Operand& x, const Operand& q, const Dims& axes = {}, bool keep_dims = false);
/// The same with q in [0, 100].
Tensor percentile(const Operand& x, const Operand& q, const Dims& axes = {}, bool keep_dims = false);
/// Returns the quantile of a half.
Tensor median(const Operand& x, const Dims& axes = {}, bool keep_dims = false);

/// Returns i32 indices of the first least element along `axis`.
Tensor argmin(const Operand& x, std::int64_t axis);
/// Returns the i32 number of elements that are not 0.
Tensor count_nonzero(const Operand& x, const Dims& axes = {}, bool keep_dims = false);

/// Return what the functions without `nan` do of the elements that are not NaN: 0 is the sum of none, and NaN the mean,
/// maximum and minimum. Source: numpy.nansum and so on.
Tensor nansum(const Operand& x, const Dims& axes = {}, bool keep_dims = false);
Tensor nanmean(const Operand& x, const Dims& axes = {}, bool keep_dims = false);
Tensor nanmax(const Operand& x, const Dims& axes = {}, bool keep_dims = false);
Tensor nanmin(const Operand& x, const Dims& axes = {}, bool keep_dims = false);

}  // namespace podium
