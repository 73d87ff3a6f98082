#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdaboundOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double final_rate = 0.1;    ///< that of the sgd which it becomes
    double gamma = 1e-3;        ///< how fast the bounds close
    double weight_decay = 0.0;  ///< added to the gradients
    Mask mask = {};             ///< what decays
};

/// Adam whose elements' learning rates stay within bounds that close on one.
GradientTransform adabound(const Schedule& learning_rate, const AdaboundOptions& options = {});

}  // namespace podium::optim
