#pragma once

#include <optional>

#include "podium/ir/ops.h"

/// What losses have in common.
namespace podium::nn {

/// What a loss or a similarity is summed over.
struct Along {
    std::int64_t axis = -1;
    std::optional<Tensor> where = {};  ///< bool of the numbers' shape: which of them count; none: all
};

/// Returns the sum of what counts.
Tensor sum_along(const Tensor& x, const Along& along, bool keep_dims = false);
/// Returns the logarithms of what counts' share in Σ exp(x), and 0 where nothing counts.
Tensor log_shares(const Tensor& x, const Along& along);

/// Throws DTYPE_MISMATCH unless `x` holds floating-point numbers.
void expect_floats(std::string_view what, const Operand& x);
/// Throws SHAPE_MISMATCH unless both have one shape.
void expect_same_dims(std::string_view what, const Operand& predictions, const Operand& targets);
/// Predictions and targets of one type and shape.
struct Alike {
    Tensor x, y;
};
/// Returns both in the predictions' type, f32 at least. Throws unless those are floating-point and of the targets'
/// shape.
Alike alike(std::string_view what, const Operand& predictions, const Operand& targets);
/// Throws unless logits are float[…, classes] and labels integers[…].
void expect_labels(std::string_view what, const Operand& logits, const Operand& labels);

}  // namespace podium::nn
