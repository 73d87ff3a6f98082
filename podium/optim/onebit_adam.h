#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct OnebitAdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    std::int64_t freeze_step = 100'000;  ///< updates before the second moment is frozen: 15 to 20 % of all
    double weight_decay = 0.0;           ///< decoupled
    Mask mask = {};                      ///< what decays
};

/// Adam without corrections for `freeze_step` updates; then the second moment stays as it is, and the first one is one
/// bit an element: its signs, times one magnitude a layer. What that leaves out is added to the next step's. Elements
/// without a second moment, which had no gradient before, stay. INVALID_ARGUMENT for a negative step. State: "count",
/// "first_moment.PARAMETER", "second_moment.PARAMETER", "error.PARAMETER".
GradientTransform scale_by_onebit_adam(const OnebitAdamOptions& options = {});
/// 1-bit Adam as one worker computes it; nothing is exchanged here.
GradientTransform onebit_adam(const Schedule& learning_rate, const OnebitAdamOptions& options = {});

}  // namespace podium::optim
