#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

struct MechanizeOptions {
    double weight_decay = 1e-2;
    double epsilon = 1e-8;
    double initial_scale = 1e-6;
    std::int64_t decays = 6;  ///< how many time scales are tried at once: 1 − 0.1, 1 − 0.01, …
};
/// Learns the factor of the updates that `inner` makes, so that the learning rate need not be known: give it 1. State:
/// "inner", "count": i32[], "reward", "greatest", "variance", "scale": f32[decays] (f64 where a parameter is), and
/// "initial.PARAMETER". Source: Cutkosky et al. 2023, arXiv:2306.00144, algorithm 1; optax.contrib, mechanize.
GradientTransform mechanize(const GradientTransform& inner, const MechanizeOptions& options = {});

}  // namespace podium::optim
