#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op gather, scatter;
}

/// The dimension numbers of StableHLO's gather, without batching dimensions.
struct GatherDimensions {
    Dims offset, collapsed, start_index_map;
    std::int64_t index_vector = 0;
    Dims slice_sizes;
};
/// Returns slices of `x` at `starts` (integers), moved inside where they would stick out.
Tensor gather(const Operand& x, const Operand& starts, const GatherDimensions& dimensions);

/// The dimension numbers of StableHLO's scatter, without batching dimensions.
struct ScatterDimensions {
    Dims update_window, inserted_window, scatter_to_operand;
    std::int64_t index_vector = 0;
};
/// Returns `x` with `updates` combined into it at `indices` by a row (nullptr overwrites); those outside are left out.
Tensor scatter(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& updates,
               const ScatterDimensions& dimensions);

/// Returns the rows of `x` along `axis` that `indices` (integers, any shape) name: x.shape[:axis] + indices.shape +
/// x.shape[axis+1:].
Tensor take(const Operand& x, const Operand& indices, std::int64_t axis = 0);
/// Returns x[…, indices[…], …]: one element of the last dimension for each index; indices: x.shape[:-1].
Tensor take_last(const Operand& x, const Operand& indices);
/// Returns [..., depth] of `type`: 1 where the last index equals the operand's element, else 0.
Tensor one_hot(const Operand& indices, std::int64_t depth, DataType type = DataType::FLOAT32);

std::span<const Op* const> indexing_ops();

}  // namespace podium
