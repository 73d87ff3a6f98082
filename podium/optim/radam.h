#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct RadamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double threshold = 5.0;  ///< of the degrees of freedom: below, steps are those of momentum
};

/// Adam that waits for its second moment to be known well enough.
GradientTransform scale_by_radam(const RadamOptions& options = {});
GradientTransform radam(const Schedule& learning_rate, const RadamOptions& options = {});

}  // namespace podium::optim
