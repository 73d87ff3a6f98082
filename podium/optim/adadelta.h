#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdadeltaOptions {
    double decay = 0.9;
    double epsilon = 1e-6;  ///< inside the square roots
};

/// Scales updates so that they have the size of the steps before.
GradientTransform scale_by_adadelta(const AdadeltaOptions& options = {});
GradientTransform adadelta(const Schedule& learning_rate, const AdadeltaOptions& options = {});

}  // namespace podium::optim
