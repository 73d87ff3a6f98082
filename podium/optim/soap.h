#pragma once

#include "podium/optim/muon.h"

namespace podium::optim {

struct SoapOptions {
    double beta1 = 0.95;
    double beta2 = 0.95;  ///< of the second moments and of Shampoo's statistics
    double epsilon = 1e-8;
    std::int64_t every = 10;          ///< updates between two computations of the basis
    std::int64_t largest = 10000;     ///< dimension of a matrix that has a basis; longer ones are left as they are
    double weight_decay = 0.01;       ///< decoupled
    Mask mask = {};                   ///< what decays
    Mask matrices = is_layer_matrix;  ///< what is rotated; Adam does the rest
};

/// Returns Adam's steps of matrices, […, rows, columns], each by itself, in the eigenbases of Shampoo's statistics. The
/// first update is zero: it makes the basis.
GradientTransform scale_by_soap(const SoapOptions& options = {});
/// SOAP for matrices, Adam for the rest. Weights decay as AdamW's do, by the parameters before the step; those of the
/// authors' program after it. State: "matrices.…" and "rest.…".
GradientTransform soap(const Schedule& learning_rate, const SoapOptions& options = {});

}  // namespace podium::optim
