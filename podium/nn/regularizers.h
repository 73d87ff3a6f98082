#pragma once

#include "podium/ir/ops.h"

/// What is added to a loss, and forms of weights, that keep models simple. Scalars are f32 at least.
namespace podium::nn {

// Of parameters: a tree of them, say `parameters.subtree("head")`; leaves that are no floats do not count.

/// Returns Σ |w|. Source: Tibshirani 1996, "Regression Shrinkage and Selection via the Lasso".
Tensor l1_penalty(const Tree& parameters);
/// Returns Σ w². Source: Hoerl and Kennard 1970, "Ridge Regression".
Tensor l2_penalty(const Tree& parameters);
/// Returns l1 · Σ |w| + l2 · Σ w². Source: Zou and Hastie 2005.
Tensor elastic_net(const Tree& parameters, double l1, double l2);
/// Returns Σ sqrt(size of a group) · |group|, a group being what has one index along `axis`: those of a weight's
/// outputs by default. The gradient of a group of zeros is 0. Source: Yuan and Lin 2006; Scardapane et al. 2017,
/// arXiv:1607.00485, equation 7.
Tensor group_lasso(const Operand& weight, std::int64_t axis = -1);
/// Returns |WᵀW − I|² of the weight as [inputs, outputs], or |WWᵀ − I|² where there are more outputs.
/// Source: Bansal et al. 2018, arXiv:1810.09102, section 3.1.
Tensor orthogonal_penalty(const Operand& weight);

// Of activations.

/// Returns (l1 · Σ |x| + l2 · Σ x²) / batch. x: [batch, …]. Source: Keras, ActivityRegularization.
Tensor activity_penalty(const Operand& x, double l1, double l2);
/// Returns the mean of −Σ p log p over the rows; p is softmax(logits). Subtracted from a loss, it keeps a model unsure.
/// Source: Pereyra et al. 2017, arXiv:1701.06548, section 3.
Tensor entropy(const Operand& logits);
/// Returns Σ similarity[i, j] · |x_i − x_j|² / batch², which keeps the results of neighbours alike. x: [batch, …];
/// similarities: float[batch, batch], symmetric. Source: Belkin, Niyogi and Sindhwani 2006, equation 3.
Tensor manifold_penalty(const Operand& x, const Operand& similarities);

// Forms of weights.

/// Returns (w − mean) / sqrt(variance + epsilon) of all inputs of each output, which are the last dimension.
/// Source: Qiao et al. 2019, arXiv:1903.10520, equation 3.
Tensor weight_standardized(const Operand& weight, double epsilon = 1e-5);

/// What spectral normalization returns.
struct SpectralResult {
    Tensor weight;     ///< divided by its norm
    Tensor norm;       ///< the greatest singular value, as estimated
    Tensor direction;  ///< for the next step
};
/// Returns the first direction: f32[outputs] at least, of length 1.
Tensor spectral_direction(const Key& key, const Operand& weight);
/// Returns W / σ(W) of the weight as [inputs, outputs]; `direction` is the caller's, and each call improves it by
/// `steps` of the power method. No gradient flows through directions. Source: Miyato et al. 2018, arXiv:1802.05957,
/// algorithm 1.
SpectralResult spectral_normalized(const Operand& weight, const Tensor& direction, std::int64_t steps = 1,
                                   double epsilon = 1e-12);

}  // namespace podium::nn
