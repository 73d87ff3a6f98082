#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdanOptions {
    double beta1 = 0.98, beta2 = 0.92, beta3 = 0.99;
    double epsilon = 1e-8;
    double epsilon_root = 1e-8;  ///< inside the square root
    double weight_decay = 0.0;
    Mask mask = {};  ///< what decays
};

/// Scales updates by moments of themselves and of how they change.
GradientTransform scale_by_adan(const AdanOptions& options = {});
GradientTransform adan(const Schedule& learning_rate, const AdanOptions& options = {});

}  // namespace podium::optim
