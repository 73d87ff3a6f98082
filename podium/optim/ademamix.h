#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdemamixOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double beta3 = 0.9999;  ///< decay of the slow moment
    double alpha = 5.0;     ///< weight of the slow moment
    double epsilon = 1e-8;
    double epsilon_root = 0.0;  ///< inside the square root
    double weight_decay = 0.0;  ///< decoupled
    Mask mask = {};             ///< what decays
};

/// Scales updates as Adam does, by a fast and a slow first moment together.
GradientTransform scale_by_ademamix(const AdemamixOptions& options = {});
GradientTransform ademamix(const Schedule& learning_rate, const AdemamixOptions& options = {});

}  // namespace podium::optim
