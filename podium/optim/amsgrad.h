#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AmsgradOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
};

/// Adam whose second moment's estimate never shrinks.
GradientTransform scale_by_amsgrad(const AmsgradOptions& options = {});
GradientTransform amsgrad(const Schedule& learning_rate, const AmsgradOptions& options = {});

}  // namespace podium::optim
