#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double epsilon_root = 0.0;  ///< inside the square root
    bool corrects_epsilon =
        false;  ///< whether epsilon is added before the moments are corrected: Keras's and ONNX's form
};

/// Scales updates by estimates of their first two moments.
GradientTransform scale_by_adam(const AdamOptions& options = {});
GradientTransform adam(const Schedule& learning_rate, const AdamOptions& options = {});

}  // namespace podium::optim
