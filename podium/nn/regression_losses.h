#pragma once

#include "podium/nn/loss_terms.h"

/// Losses of numbers, one for each element unless said otherwise: `mean` makes one of them. Computed in f32 at least;
/// names and values are those of optax.losses. They throw SHAPE_MISMATCH where prediction and target differ in shape.
namespace podium::nn {

/// Returns (prediction − target)².
Tensor squared_error(const Operand& predictions, const Operand& targets);
/// Returns half of the squared error.
Tensor l2_loss(const Operand& predictions, const Operand& targets);
/// Returns half of the squared error up to a distance of `delta`, and a line of slope `delta` from there.
/// Source: Huber 1964, "Robust Estimation of a Location Parameter".
Tensor huber_loss(const Operand& predictions, const Operand& targets, double delta = 1.0);
/// Returns log cosh(prediction − target). Source: Chen et al. 2019, openreview rkglvsC9Ym.
Tensor log_cosh(const Operand& predictions, const Operand& targets);

/// Returns the cosine of the angle between vectors along an axis, which the result lacks; squared norms below `epsilon`
/// count as that. Operands are broadcast.
Tensor cosine_similarity(const Operand& predictions, const Operand& targets, const Along& along = {},
                         double epsilon = 0.0);
/// Returns 1 − the cosine similarity.
Tensor cosine_distance(const Operand& predictions, const Operand& targets, const Along& along = {},
                       double epsilon = 0.0);

}  // namespace podium::nn
