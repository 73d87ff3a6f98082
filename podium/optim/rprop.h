#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct RpropOptions {
    double eta_minus = 0.5;  ///< of the step size where the gradient's sign turns
    double eta_plus = 1.2;   ///< where it stays
    double least_step = 1e-6;
    double greatest_step = 50.0;
};

/// Returns signed steps of each element's own size.
GradientTransform scale_by_rprop(double first_step, const RpropOptions& options = {});
/// The learning rate is the first step size; throws INVALID_ARGUMENT for a schedule.
GradientTransform rprop(const Schedule& learning_rate, const RpropOptions& options = {});

}  // namespace podium::optim
