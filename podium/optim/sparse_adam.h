#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SparseAdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
};

/// Adam whose moments and updates stay as they are in rows (slices along the first dimension, a layer's own where
/// layers are stacked; a vector's elements) whose gradients are all zero: those of an embedding's tokens that a batch
/// does not have.
GradientTransform scale_by_sparse_adam(const SparseAdamOptions& options = {});
GradientTransform sparse_adam(const Schedule& learning_rate, const SparseAdamOptions& options = {});

}  // namespace podium::optim
