#pragma once

#include "podium/nn/loss_terms.h"

/// Losses of classes and of distributions over them, not yet averaged: one for each element where that is a class of
/// its own, else one for each row. Computed in f32 at least; names and values are those of optax.losses.
namespace podium::nn {

// Two classes: logits float[…], labels of the same shape. They throw SHAPE_MISMATCH where shapes differ.

/// Returns −y log σ(x) − (1 − y) log(1 − σ(x)); labels y: probabilities, or integers or bools.
Tensor sigmoid_binary_cross_entropy(const Operand& logits, const Operand& labels);
struct FocalOptions {
    std::optional<double> alpha = {};  ///< weight of the class 1; 1 − alpha is the other's
    double gamma = 2.0;                ///< how much what is sure already counts less
};
/// Returns the binary cross-entropy times (1 − p)^gamma, p being the probability of what the label says.
/// Source: Lin et al. 2017, arXiv:1708.02002, equations 4 and 5.
Tensor sigmoid_focal_loss(const Operand& logits, const Operand& labels, const FocalOptions& options = {});
/// Returns max(0, 1 − x y); labels y: −1 or 1.
Tensor hinge_loss(const Operand& scores, const Operand& labels);
/// Returns max(0, −x y); labels y: −1 or 1. Source: Rosenblatt 1958.
Tensor perceptron_loss(const Operand& scores, const Operand& labels);
/// Returns sparse_plus(−x) where the label is true, else sparse_plus(x). Source: Martins and Astudillo 2016,
/// arXiv:1602.02068.
Tensor sparsemax_loss(const Operand& logits, const Operand& labels);

// A distribution over classes for a label: float, the shape of the logits.

/// Returns −Σ label log softmax(logits): the logits' shape without the axis.
Tensor softmax_cross_entropy(const Operand& logits, const Operand& labels, const Along& along = {});
/// The same over the last axis, where a label of 0 times a logit of −inf is 0.
Tensor safe_softmax_cross_entropy(const Operand& logits, const Operand& labels);
/// Returns the softmax cross-entropy and epsilon · Σ label (1 − p). Source: Leng et al. 2022, arXiv:2204.12511.
Tensor poly_loss_cross_entropy(const Operand& logits, const Operand& labels, double epsilon = 2.0,
                               const Along& along = {});
/// Returns Σ target (log target − log prediction), 0 where the target is. log_predictions: logarithms.
/// Source: Kullback and Leibler 1951.
Tensor kl_divergence(const Operand& log_predictions, const Operand& targets, const Along& along = {});
/// The same of the targets' logarithms.
Tensor kl_divergence_with_log_targets(const Operand& log_predictions, const Operand& log_targets,
                                      const Along& along = {});
/// Returns the Kullback-Leibler divergence and Σ (prediction − target), which is convex for what does not sum to 1 too.
Tensor generalized_kl_divergence(const Operand& log_predictions, const Operand& targets, const Along& along = {});
/// Returns (1 − alpha) · label + alpha / classes. Source: Szegedy et al. 2016, arXiv:1512.00567, section 7.
Tensor smooth_labels(const Operand& labels, double alpha, const Along& along = {});

// A class for a label: logits float[…, classes], labels integers[…]; the result is float[…].

/// Returns −log softmax(logits)[label]: NaN where a label names no class. `cross_entropy` is its mean.
Tensor softmax_cross_entropy_with_integer_labels(const Operand& logits, const Operand& labels);
/// Returns max(score + 1 of all but the label's) − the label's score. Source: Crammer and Singer 2001.
Tensor multiclass_hinge_loss(const Operand& scores, const Operand& labels);
/// Returns the greatest score − the label's.
Tensor multiclass_perceptron_loss(const Operand& scores, const Operand& labels);
/// Returns the loss whose gradient is sparsemax(scores) − one_hot(label). Source: Martins and Astudillo 2016,
/// arXiv:1602.02068, equation 19.
Tensor multiclass_sparsemax_loss(const Operand& scores, const Operand& labels);

/// Returns the point of the simplex that is nearest to each row. Source: Martins and Astudillo 2016, algorithm 1;
/// optax, projection_simplex.
Tensor sparsemax(const Operand& x);

}  // namespace podium::nn
