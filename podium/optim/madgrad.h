#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct MadgradOptions {
    double momentum = 0.9;
    double epsilon = 1e-6;
    double weight_decay = 0.0;  ///< added to the gradients
    Mask mask = {};             ///< what decays
};

/// Returns the steps of dual averaging from where the parameters began, by the cube root of sums of squares.
GradientTransform scale_by_madgrad(const Schedule& learning_rate, const MadgradOptions& options = {});
GradientTransform madgrad(const Schedule& learning_rate, const MadgradOptions& options = {});

}  // namespace podium::optim
