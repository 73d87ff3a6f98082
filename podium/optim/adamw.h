#pragma once

#include "podium/optim/adam.h"

namespace podium::optim {

struct AdamwOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double epsilon_root = 0.0;
    double weight_decay = 1e-4;
    Mask mask = {};  ///< which parameters decay
};

/// Adam whose weight decay does not pass through the moments.
GradientTransform adamw(const Schedule& learning_rate, const AdamwOptions& options = {});

}  // namespace podium::optim
