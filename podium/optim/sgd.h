#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SgdOptions {
    double momentum = 0.0;  ///< 0 keeps no state
    bool nesterov = false;
};

/// Stochastic gradient descent, with momentum if asked for.
GradientTransform sgd(const Schedule& learning_rate, const SgdOptions& options = {});

}  // namespace podium::optim
