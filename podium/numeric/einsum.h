#pragma once

#include <string_view>

#include "podium/ir/op.h"

namespace podium {

/// Returns the sum of products that `subscripts` describes: "ij,jk->ik" is a matrix product, "ii" a trace,
/// "...ij->...ji" a transposition. Each operand has one letter a dimension, and "..." for leading (or inner) dimensions
/// that broadcast; without "->" the result has the dimensions of "...", then the letters that occur once, in
/// alphabetical order. Products are made in pairs, always the cheapest next, each as one dot_general. Throws
/// INVALID_ARGUMENT for subscripts that say nothing, SHAPE_MISMATCH for operands that they do not fit. Source:
/// numpy.einsum.
Tensor einsum(std::string_view subscripts, const Tensors& operands,
              Location location = std::source_location::current());

}  // namespace podium
