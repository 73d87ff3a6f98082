#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct OptimisticOptions {
    double alpha = 1.0;  ///< of the gradient
    double beta = 1.0;   ///< of how the gradient has changed
};

/// Returns (alpha + beta) * updates - beta * those of the step before, at the first step these themselves.
GradientTransform scale_by_optimistic_gradient(const OptimisticOptions& options = {});
GradientTransform optimistic_gradient_descent(const Schedule& learning_rate, const OptimisticOptions& options = {});

struct OptimisticAdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    OptimisticOptions optimism = {};
};
GradientTransform optimistic_adam(const Schedule& learning_rate, const OptimisticAdamOptions& options = {});

}  // namespace podium::optim
