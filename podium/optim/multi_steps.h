#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// Accumulates the mean of `steps` gradients, then lets `inner` make one update of it; the updates between are zero
/// and skip the inner transform's work. Means are f32, or f64 for f64 parameters.
/// Source: optax, MultiSteps. State: "mini_step", "gradient_step" (i32[]), "inner", "accumulated".
GradientTransform multi_steps(GradientTransform inner, std::int64_t steps);

}  // namespace podium::optim
