#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct NadamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;  ///< decoupled, as adamw's: NAdamW
    Mask mask = {};             ///< what decays
};

/// Adam with Nesterov's momentum.
GradientTransform scale_by_nadam(const NadamOptions& options = {});
GradientTransform nadam(const Schedule& learning_rate, const NadamOptions& options = {});

}  // namespace podium::optim
