#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct SophiaOptions {
    double beta1 = 0.965;
    double beta2 = 0.99;
    double epsilon = 1e-8;       ///< least denominator
    double gamma = 0.01;         ///< of the curvature in the denominator
    double clip = 1.0;           ///< greatest step before the learning rate
    std::int64_t every = 10;     ///< updates between estimates of the curvature
    std::uint64_t seed = 0;      ///< of the estimates
    double weight_decay = 1e-4;  ///< decoupled
    Mask mask = {};              ///< what decays
};

/// Returns the first moment over the Hessian's diagonal, which products with random signs estimate. Needs the loss as a
/// function. State: "count", "key" (u32[2]), "first_moment.…", "curvature.…".
GradientTransform scale_by_sophia(const SophiaOptions& options = {});
GradientTransform sophia(const Schedule& learning_rate, const SophiaOptions& options = {});

}  // namespace podium::optim
