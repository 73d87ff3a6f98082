#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct LionOptions {
    double beta1 = 0.9;   ///< of the step
    double beta2 = 0.99;  ///< of the moment that is kept
    double weight_decay = 1e-3;
    Mask mask = {};  ///< what decays
};

/// Returns the signs of updates and their first moment together.
GradientTransform scale_by_lion(const LionOptions& options = {});
GradientTransform lion(const Schedule& learning_rate, const LionOptions& options = {});

}  // namespace podium::optim
