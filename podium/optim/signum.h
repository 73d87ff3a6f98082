#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SignumOptions {
    double beta1 = 0.9;  ///< decay of the mean whose sign is the step
};

GradientTransform signum(const Schedule& learning_rate, const SignumOptions& options = {});

}  // namespace podium::optim
