#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SimplifiedAdemamixOptions {
    double beta1 = 0.99;  ///< decay of the sum of gradients
    double beta2 = 0.95;  ///< decay of the second moment
    double alpha = 0.0;   ///< weight of the gradient beside the sum
    double epsilon = 1e-8;
    double epsilon_root = 0.0;  ///< inside the square root
    double weight_decay = 0.0;  ///< decoupled
    Mask mask = {};             ///< what decays
};

GradientTransform simplified_ademamix(const Schedule& learning_rate, const SimplifiedAdemamixOptions& options = {});

}  // namespace podium::optim
