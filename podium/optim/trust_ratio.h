#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct TrustRatioOptions {
    double min_norm = 0.0;  ///< norms are at least that
    double coefficient = 1.0;
    double epsilon = 0.0;
};

/// Scales each parameter's update by the parameter's norm over the update's; 1 where one of them is 0.
GradientTransform scale_by_trust_ratio(const TrustRatioOptions& options = {});

}  // namespace podium::optim
