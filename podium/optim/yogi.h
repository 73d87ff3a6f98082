#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct YogiOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-3;
    double initial_accumulator = 1e-6;  ///< of both moments
};

/// Adam whose second moment moves by as much as the square of the gradient is large, whatever it is itself.
GradientTransform scale_by_yogi(const YogiOptions& options = {});
GradientTransform yogi(const Schedule& learning_rate, const YogiOptions& options = {});

}  // namespace podium::optim
