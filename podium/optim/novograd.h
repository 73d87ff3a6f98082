#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct NovogradOptions {
    double beta1 = 0.9;
    double beta2 = 0.25;
    double epsilon = 1e-6;
    double epsilon_root = 0.0;  ///< inside the square root
    double weight_decay = 0.0;  ///< through the first moment, of every parameter
};

/// Returns the momentum of updates that are scaled by a second moment of their norm.
GradientTransform scale_by_novograd(const NovogradOptions& options = {});
GradientTransform novograd(const Schedule& learning_rate, const NovogradOptions& options = {});

}  // namespace podium::optim
