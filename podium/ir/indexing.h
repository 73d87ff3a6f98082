#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op gather, scatter;
}

/// The dimension numbers of StableHLO's gather.
struct GatherDimensions {
    Dims offset = {}, collapsed = {}, start_index_map = {};
    std::int64_t index_vector = 0;
    Dims slice_sizes = {};
    Dims operand_batch = {}, start_batch = {};  ///< dimensions of both that go together
};
/// Returns slices of `x` at `starts` (integers), moved inside where they would stick out.
Tensor gather(const Operand& x, const Operand& starts, const GatherDimensions& dimensions);

/// The dimension numbers of StableHLO's scatter.
struct ScatterDimensions {
    Dims update_window = {}, inserted_window = {}, scatter_to_operand = {};
    std::int64_t index_vector = 0;
    Dims operand_batch = {}, index_batch = {};  ///< dimensions of both that go together
};
/// Returns `x` with `updates` combined into it at `indices` by a row (nullptr overwrites); those outside are left out.
Tensor scatter(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& updates,
               const ScatterDimensions& dimensions);

/// Returns a gather's attributes as text, with or without its slice sizes.
std::string gather_text(const Node& gather, bool with_sizes);

/// Returns the rows of `x` along `axis` that `indices` (integers, any shape) name: x.shape[:axis] + indices.shape +
/// x.shape[axis+1:].
Tensor take(const Operand& x, const Operand& indices, std::int64_t axis = 0);
/// Returns x[…, indices[…], …]: one element of the last dimension for each index; indices: x.shape[:-1].
Tensor take_last(const Operand& x, const Operand& indices);
/// Returns x[..., indices[...], ...]: indices are integers of x's dimensions but for `axis`, where they have their own
/// size; they are moved inside where they are outside. Source: numpy.take_along_axis.
Tensor take_along_axis(const Operand& x, const Operand& indices, std::int64_t axis);
/// Returns `x` with `values` combined by a row (nullptr overwrites) into the places that take_along_axis would take.
Tensor put_along_axis(const Binary* combiner, const Operand& x, const Operand& indices, const Operand& values,
                      std::int64_t axis);
/// Returns [count, ...]: the rows of `x` whose `segments` (i32, one a row) are 0, 1, … combined by a row, from what it
/// starts from; others are left out. Source: jax.ops.segment_sum.
Tensor segment_reduce(const Binary& combiner, const Operand& x, const Operand& segments, std::int64_t count);
/// Returns [..., depth] of `type`: 1 where the last index equals the operand's element, else 0.
Tensor one_hot(const Operand& indices, std::int64_t depth, DataType type = DataType::FLOAT32);

std::span<const Op* const> indexing_ops();

}  // namespace podium
