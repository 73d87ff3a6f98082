#pragma once

#include <optional>

#include "podium/ir/ops.h"

/// Numbers of few bits with a scale, and products that are computed with them in training.
namespace podium::nn {

/// values * scale stands for the numbers.
struct Scaled {
    Tensor values;  ///< of few bits
    Tensor scale;   ///< positive, of the numbers' type: [], or 1 along every axis but one
};

/// Returns the greatest finite number of the type: 448 of f8E4M3FN, 57344 of f8E5M2, 127 of i8. Throws DTYPE_MISMATCH
/// where the type is no signed integer and no float of at most 8 bits.
double greatest_number(DataType type);

/// Returns `x` scaled so that its greatest magnitude (for each place along `axis`, where one is given) is the type's
/// greatest number, and rounded to nearest even. type: as of `greatest_number`.
Scaled scaled_to(const Operand& x, DataType type, std::optional<std::int64_t> axis = std::nullopt);
/// Returns `x` in units of a given scale; what is beyond the type's greatest number becomes it.
Tensor scaled_by(const Operand& x, const Tensor& scale, DataType type);
/// Returns what `scaled_to` leaves of x; the gradient by x is as if it left everything.
Tensor straight_through(const Operand& x, DataType type, std::optional<std::int64_t> axis = std::nullopt);

/// Scales of a product's sides, from `delayed_scale`; where one is undefined, it is that of the greatest magnitude.
struct Float8Scales {
    Tensor x, weight;
};
/// Returns x @ weight where both are f8E4M3FN with one scale each, and in the gradients the cotangent is f8E5M2. x:
/// […, inputs]; weight: [inputs, outputs]. Where a backend has products of f8, this is the form that it looks for:
/// converted to the operands' type, then multiplied. Source: Micikevicius et al. 2022, arXiv:2209.05433, section 3.
Tensor float8_matmul(const Tensor& x, const Tensor& weight, const Float8Scales& scales = {});

/// Delayed scaling: the scale of a step comes from the greatest magnitudes of the steps before it, so that no pass over
/// the tensor has to end before it is converted. The state is the caller's: a history f32[length] that begins with
/// zeros. Source: NVIDIA Transformer Engine's manual, "delayed scaling".
Tensor delayed_scale(const Tensor& history, DataType type = DataType::FLOAT8_E4M3FN);
/// Returns the history with this step's greatest magnitude of `x` at its head and the oldest one dropped.
Tensor with_magnitude(const Tensor& history, const Operand& x);

}  // namespace podium::nn
