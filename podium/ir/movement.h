#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op broadcast_in_dim, reshape, transpose, slice, dynamic_slice, dynamic_update_slice, pad, concatenate,
    reverse;
}

/// Returns `x` repeated to `dims`, NumPy's rule; throws SHAPE_MISMATCH.
Tensor broadcast_to(const Tensor& x, Dims dims, Location location = std::source_location::current());
/// Returns `x` with dimension i of `x` becoming dimension `dimensions[i]` of the result: StableHLO's broadcast_in_dim.
Tensor broadcast_in_dim(const Operand& x, Dims dims, Dims dimensions);
/// Returns the elements in row-major order under `dims`; one of them may be -1.
Tensor reshape(const Operand& x, Dims dims);
/// Returns `x` with its dimensions in the order `permutation`; with none given, reversed.
Tensor transpose(const Operand& x, Dims permutation = {});
/// Returns `x` with dimensions `a` and `b` exchanged.
Tensor swap_axes(const Operand& x, std::int64_t a, std::int64_t b);
/// Returns `x` with a dimension of size 1 before `axis` (from the end where negative).
Tensor expand_dims(const Operand& x, std::int64_t axis);
/// Returns `x` without dimension `axis`, whose size must be 1.
Tensor squeeze(const Operand& x, std::int64_t axis);
/// Returns x[starts[0]:limits[0]:strides[0], …]; strides default to 1.
Tensor slice(const Operand& x, Dims starts, Dims limits, Dims strides = {});
/// Returns x[…, start:limit, …] along one axis.
Tensor slice_axis(const Operand& x, std::int64_t axis, std::int64_t start, std::int64_t limit);
/// Returns `parts` equal pieces along `axis`.
Tensors split(const Operand& x, std::int64_t parts, std::int64_t axis);
/// Returns the piece of `sizes` that begins at `starts` (integer scalars, one a dimension), moved inside where it would
/// stick out.
Tensor dynamic_slice(const Operand& x, const Tensors& starts, Dims sizes);
/// Returns `x` with `update` written at `starts`, moved inside where it would stick out.
Tensor dynamic_update_slice(const Operand& x, const Operand& update, const Tensors& starts);
/// Returns `x` with `low`, `high` and (between elements) `interior` copies of the scalar `value` along each dimension.
Tensor pad(const Operand& x, const Operand& value, Dims low, Dims high, Dims interior = {});
/// Returns the tensors one after another along `axis`.
Tensor concatenate(const Tensors& parts, std::int64_t axis, Location location = std::source_location::current());
/// Returns the tensors along a new dimension `axis`.
Tensor stack(const Tensors& parts, std::int64_t axis, Location location = std::source_location::current());
/// Returns `x` with the order along `axes` reversed.
Tensor reverse(const Operand& x, Dims axes);

std::span<const Op* const> movement_ops();

}  // namespace podium
