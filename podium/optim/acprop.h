#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AcpropOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-16;
    double epsilon_root = 1e-16;  ///< added to the second moment
    double weight_decay = 0.0;    ///< decoupled
    Mask mask = {};               ///< what decays
};

/// Scales updates by the second moment, as it was before them, of what differs from the first.
GradientTransform scale_by_acprop(const AcpropOptions& options = {});
GradientTransform acprop(const Schedule& learning_rate, const AcpropOptions& options = {});

}  // namespace podium::optim
