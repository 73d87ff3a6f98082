#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct DogOptions {
    double first_distance = 1e-6;  ///< of the first step, times 1 + the parameters' norm; 1e-4 with batch norm
    double epsilon = 1e-8;         ///< added to the sum of squared norms
    double weight_decay = 0.0;     ///< added to the gradients
    Mask mask = {};                ///< what decays
};

/// Scales updates by the greatest distance from the start over the root of the sum of squared norms.
GradientTransform scale_by_dog(const DogOptions& options = {});
/// The learning rate multiplies the method's own step size: 1 is as it was meant.
GradientTransform dog(const Schedule& learning_rate, const DogOptions& options = {});

struct DowgOptions {
    double epsilon = 1e-4;      ///< added to the root, and the squared distance at first
    double weight_decay = 0.0;  ///< added to the gradients
    Mask mask = {};             ///< what decays
};

/// Scales updates by the greatest squared distance from the start over the root of a sum that it weighs.
GradientTransform scale_by_dowg(const DowgOptions& options = {});
GradientTransform dowg(const Schedule& learning_rate, const DowgOptions& options = {});

}  // namespace podium::optim
