#pragma once

#include "podium/ir/indexing.h"

/// What gather, scatter and slices at run time share.
namespace podium {

/// Returns what a scatter node was recorded with.
ScatterDimensions scatter_dimensions(const Node& scatter);

/// Returns the start in the operand that the index tensor holds for the batch position `batch`: at dimensions
/// `operand_batch` that of the index's own dimensions `index_batch`.
Dims start_at(const HostArray& starts, const Dims& batch, std::int64_t index_vector, const Dims& map, std::size_t rank,
              const Dims& operand_batch, const Dims& index_batch);
/// Returns `window` (an index without the dimensions `missing`) spread over `rank` dimensions, zero at the missing
/// ones.
Dims full_window(const Dims& window, const Dims& missing, std::size_t rank);
/// Returns the attribute text of both batching dimensions; none where there are none.
std::string batching_text(std::string_view operand, const Dims& of_operand, std::string_view index,
                          const Dims& of_index);
/// Throws unless the batching dimensions of operand and indices are pairs of one size.
void expect_batching(const char* op, const Tensor& operand, const Dims& of_operand, const Tensor& indices,
                     const Dims& of_indices, std::int64_t index_vector, const Location& location);
/// Returns the dimensions of `indices` without the one that holds index vectors, which must name `count` dimensions.
Dims index_batch_of(const char* op, const Tensor& indices, std::int64_t index_vector, std::size_t count,
                    const Location& location);
/// Throws DTYPE_MISMATCH unless they are integers.
void expect_indices(const char* op, const Operand& indices);
/// Returns indices of a signed type that name the same places; what is above i64 stays behind every element.
Tensor signed_starts(const Tensor& starts);
/// Returns `dims` behind one more.
Dims before(std::int64_t first, Dims dims);

}  // namespace podium
