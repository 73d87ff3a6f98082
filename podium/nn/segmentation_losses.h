#pragma once

#include <optional>

#include "podium/ir/ops.h"

/// Losses of overlaps. Computed in f32 at least; names and values are those of optax.losses.
namespace podium::nn {

struct DiceOptions {
    std::optional<Tensor> class_weights = {};  ///< float[classes]
    double smooth = 1.0;                       ///< added to both sides of the fraction
    double alpha = 0.5, beta = 0.5;            ///< weights of what is predicted wrongly and of what is missed
    bool apply_softmax = true;                 ///< of logits: sigmoid where there is one class
    bool ignore_background = false;            ///< class 0
    Dims axes = {};                            ///< what a region lies in; none: all between batch and classes
};
/// Returns 1 − the Dice coefficient of each class: float[batch, classes] of predictions and targets float[batch, …,
/// classes]; its mean is optax's dice_loss. alpha and beta apart from 0.5 make it Tversky's.
/// Source: Milletari et al. 2016, arXiv:1606.04797, section 3; Salehi et al. 2017, arXiv:1706.05721.
Tensor dice_losses(const Operand& predictions, const Operand& targets, const DiceOptions& options = {});
/// Returns the mean over the classes: float[batch].
Tensor dice_loss(const Operand& predictions, const Operand& targets, const DiceOptions& options = {});
/// Returns the mean over all, float[], with classes weighted by the inverse square of what the targets have of them.
/// Source: Sudre et al. 2017, arXiv:1707.03237.
Tensor multiclass_generalized_dice_loss(const Operand& predictions, const Operand& targets,
                                        const DiceOptions& options = {});
/// Returns the loss of one class: float[batch] of float[batch, …].
Tensor binary_dice_loss(const Operand& predictions, const Operand& targets, const DiceOptions& options = {});

}  // namespace podium::nn
