#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdamaxOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;  ///< decoupled, as adamw's
    Mask mask = {};             ///< what decays
};

/// Adam with the greatest gradient of late instead of the second moment.
GradientTransform scale_by_adamax(const AdamaxOptions& options = {});
GradientTransform adamax(const Schedule& learning_rate, const AdamaxOptions& options = {});

}  // namespace podium::optim
