#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct LambOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-6;
    double weight_decay = 0.0;
    Mask mask = {};  ///< what decays
};

GradientTransform lamb(const Schedule& learning_rate, const LambOptions& options = {});

}  // namespace podium::optim
