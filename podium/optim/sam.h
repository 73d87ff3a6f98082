#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SamOptions {
    double rho = 0.05;      ///< how far away gradients are taken
    double momentum = 0.0;  ///< sgd's; 0 keeps no state
    bool nesterov = false;
};

/// Returns the transform that gives `inner` the gradient at parameters + rho * g / |g| instead of g. Needs the loss as
/// a function; the state is the inner transform's. Source: Foret et al. 2021, arXiv:2010.01412, algorithm 1; optax,
/// contrib.sam in opaque mode.
GradientTransform sharpness_aware(const GradientTransform& inner, double rho);
/// Sharpness-aware sgd.
GradientTransform sam(const Schedule& learning_rate, const SamOptions& options = {});

}  // namespace podium::optim
