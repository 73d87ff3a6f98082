#pragma once

#include "podium/ir/convolution.h"
#include "podium/ir/indexing.h"

namespace podium {

// StableHLO's dynamic operations: what is an attribute of their static sisters is a tensor here. podium's shapes are
// known while it records, so each also says what the result's shape is; the tensor must agree with it when it runs.

namespace rows {
extern const Op dynamic_broadcast_in_dim, dynamic_iota, dynamic_reshape, dynamic_pad, dynamic_gather, dynamic_conv,
    get_dimension_size, rng, rng_bit_generator;
}

/// Returns broadcast_in_dim(x, dims, dimensions); `shape`: integers [rank] that are `dims`.
Tensor dynamic_broadcast_in_dim(const Operand& x, const Operand& shape, Dims dims, Dims dimensions);
/// Returns iota(dims, axis, type); `shape`: integers [rank] that are `dims`.
Tensor dynamic_iota(const Operand& shape, Dims dims, std::int64_t axis, DataType type = DataType::INT32);
/// Returns reshape(x, dims); `shape`: integers [rank] that are `dims`.
Tensor dynamic_reshape(const Operand& x, const Operand& shape, Dims dims);
/// Returns pad(x, value, low, high, interior) of shape `dims`; low, high, interior: integers [rank].
Tensor dynamic_pad(const Operand& x, const Operand& value, const Operand& low, const Operand& high,
                   const Operand& interior, Dims dims);
/// Returns gather(x, starts, dimensions); `sizes`: integers [rank] that are its slice sizes.
Tensor dynamic_gather(const Operand& x, const Operand& starts, const Operand& sizes,
                      const GatherDimensions& dimensions);
/// Returns convolution(x, kernel, options); `padding`: integers [spatial rank, 2] that are its edges.
Tensor dynamic_conv(const Operand& x, const Operand& kernel, const Operand& padding, const ConvolutionOptions& options);
/// Returns the i32 size of a dimension.
Tensor get_dimension_size(const Operand& x, std::int64_t axis);

enum class RngDistribution { UNIFORM, NORMAL };
/// Returns numbers that differ in every run: between a and b, or of mean a and standard deviation b. For what can be
/// repeated there are keys: see random.h.
Tensor rng(const Operand& a, const Operand& b, Dims dims, RngDistribution distribution);
enum class RngAlgorithm { DEFAULT, THREE_FRY, PHILOX };
struct RngBits {
    Tensor state, bits;
};
/// Returns random bits, and the state that the next call takes: u64[2], or u64[3] of Philox's. Which bits they are is
/// the backend's choice: see random.h for bits that are the same everywhere.
RngBits rng_bit_generator(const Operand& state, Dims dims, DataType type = DataType::UINT32,
                          RngAlgorithm algorithm = RngAlgorithm::DEFAULT);

std::span<const Op* const> dynamic_ops();

}  // namespace podium
