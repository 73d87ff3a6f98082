#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op dot_general;
}

/// Which dimensions of the operands go together.
struct DotDimensions {
    Dims lhs_batch, rhs_batch, lhs_contract, rhs_contract;
};
/// Returns the product: batch dimensions, then the left's free ones, then the right's. bf16 products accumulate in f32.
Tensor dot_general(const Operand& lhs, const Operand& rhs, const DotDimensions& dimensions);
/// Returns the matrix product as NumPy's matmul defines it: leading dimensions broadcast, vectors are rows or columns.
Tensor matmul(const Operand& lhs, const Operand& rhs);

/// Returns how many products each element of a dot_general node sums.
std::int64_t contracted_count(const Node& dot);

std::span<const Op* const> contraction_ops();

}  // namespace podium
