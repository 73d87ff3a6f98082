#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op broadcast_in_dim, reshape, transpose, concatenate, reverse;
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
/// Returns the tensors one after another along `axis`.
Tensor concatenate(const Tensors& parts, std::int64_t axis, Location location = std::source_location::current());
/// Returns the tensors along a new dimension `axis`.
Tensor stack(const Tensors& parts, std::int64_t axis, Location location = std::source_location::current());
/// Returns `x` with the order along `axes` reversed.
Tensor reverse(const Operand& x, Dims axes);

std::span<const Op* const> movement_ops();

}  // namespace podium
