#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct FromageOptions {
    double min_norm = 1e-6;  ///< norms are at least that
};

GradientTransform fromage(const Schedule& learning_rate, const FromageOptions& options = {});

}  // namespace podium::optim
