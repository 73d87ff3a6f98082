#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdagradOptions {
    double initial_accumulator = 0.1;
    double epsilon = 1e-7;
    bool epsilon_in_root = true;  ///< optax's and Keras's form; torch and ONNX add it to the root
};

/// Scales updates by the root of the sum of their squares.
GradientTransform scale_by_rss(const AdagradOptions& options = {});
GradientTransform adagrad(const Schedule& learning_rate, const AdagradOptions& options = {});

}  // namespace podium::optim
