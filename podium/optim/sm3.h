#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct Sm3Options {
    double momentum = 0.9;  ///< of the steps
    double beta2 = 1.0;     ///< decay of the sums of squares; 1 forgets nothing
    double epsilon = 1e-8;  ///< inside the square root
};

/// Scales updates by the root of sums of squares, of which one vector an axis is kept. State: "sums.PATH.AXIS",
/// "first_moment.PATH"; a scalar has one sum.
GradientTransform scale_by_sm3(const Sm3Options& options = {});
GradientTransform sm3(const Schedule& learning_rate, const Sm3Options& options = {});

}  // namespace podium::optim
