#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdabeliefOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-16;
    double epsilon_root = 1e-16;  ///< added to the second moment at each step
};

/// Adam whose second moment is that of what the first did not foretell.
GradientTransform scale_by_belief(const AdabeliefOptions& options = {});
GradientTransform adabelief(const Schedule& learning_rate, const AdabeliefOptions& options = {});

}  // namespace podium::optim
