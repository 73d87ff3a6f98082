#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op batch_norm_training, batch_norm_inference, batch_norm_grad;
}

struct BatchNormTraining {
    Tensor output, mean, variance;  ///< x's shape; [features]; [features], of the batch and biased
};
/// Returns x normalized over all dimensions but `feature_axis` by its own mean and variance, scaled and shifted; scale,
/// offset: [features].
BatchNormTraining batch_norm_training(const Operand& x, const Operand& scale, const Operand& offset, double epsilon,
                                      std::int64_t feature_axis);
/// The same by a given mean and variance.
Tensor batch_norm_inference(const Operand& x, const Operand& scale, const Operand& offset, const Operand& mean,
                            const Operand& variance, double epsilon, std::int64_t feature_axis);
struct BatchNormGradients {
    Tensor x, scale, offset;
};
/// Returns the gradients of batch_norm_training's output, given its own mean and variance.
BatchNormGradients batch_norm_grad(const Operand& x, const Operand& scale, const Operand& mean, const Operand& variance,
                                   const Operand& cotangent, double epsilon, std::int64_t feature_axis);

std::span<const Op* const> neural_ops();

}  // namespace podium
