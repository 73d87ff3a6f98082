#pragma once

#include "podium/optim/muon.h"

namespace podium::optim {

struct ShampooOptions {
    double beta1 = 0.9;               ///< of the gradients' mean, which is preconditioned
    double beta2 = 0.999;             ///< of the statistics, and of Adam's second moment
    double epsilon = 1e-8;            ///< Adam's
    double ridge = 1e-6;              ///< of a statistic's norm, added to its diagonal
    std::int64_t every = 10;          ///< updates between two computations of roots
    std::int64_t block = 1024;        ///< rows and columns of the blocks that larger matrices are split into
    double weight_decay = 0.0;        ///< decoupled
    Mask mask = {};                   ///< what decays
    Mask matrices = is_layer_matrix;  ///< what is preconditioned; Adam does the rest
};

/// Returns a^(-1/4) of symmetric matrices of eigenvalues above zero: […, n, n], by matrix products alone. Source:
/// Guo and Higham 2006, "A Schur-Newton method for the matrix pth root and its inverse", equation 3.10 (the coupled
/// Newton iteration).
Tensor inverse_fourth_root(const Tensor& a);
/// Returns preconditioned means of gradients of matrices: […, rows, columns], each by itself.
GradientTransform scale_by_shampoo(const ShampooOptions& options = {});
/// Shampoo for matrices, Adam for the rest. State: "matrices.…" and "rest.…".
GradientTransform shampoo(const Schedule& learning_rate, const ShampooOptions& options = {});

}  // namespace podium::optim
