#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AsgdOptions {
    double shrinking = 1e-4;     ///< of the parameters, times the learning rate, a step: torch's lambd
    double exponent = 0.75;      ///< by which the learning rate falls: torch's alpha
    double average_after = 1e6;  ///< updates before averaging begins: torch's t0
    double weight_decay = 0.0;   ///< added to the gradients
    Mask mask = {};              ///< what decays
};

/// Stochastic gradient descent that also averages the parameters. State: "scale_by_asgd.average.…" is the average.
GradientTransform asgd(const Schedule& learning_rate, const AsgdOptions& options = {});

}  // namespace podium::optim
