#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdoptOptions {
    double beta1 = 0.9;
    double beta2 = 0.9999;
    double epsilon = 1e-6;  ///< least root of the second moment
    bool nesterov = false;
    bool clip = true;  ///< whether scaled updates stay within t^(1/4)
};

/// Returns the first moment of updates that are scaled by the second moment as it was before them.
GradientTransform scale_by_adopt(const AdoptOptions& options = {});
GradientTransform adopt(const Schedule& learning_rate, const AdoptOptions& options = {});

}  // namespace podium::optim
