#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct LarsOptions {
    double weight_decay = 0.0;
    double trust_coefficient = 0.001;
    double epsilon = 0.0;
    double momentum = 0.9;
    bool nesterov = false;
};

GradientTransform lars(const Schedule& learning_rate, const LarsOptions& options = {});

}  // namespace podium::optim
