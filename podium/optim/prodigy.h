#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct ProdigyOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    std::optional<double> beta3 = {};  ///< of the distance's sums; its own is the root of beta2
    double epsilon = 1e-8;
    double first_distance = 1e-6;   ///< a learning rate that is surely too small
    double distance_scale = 1.0;    ///< of the estimates
    bool safeguard_warmup = false;  ///< leave the learning rate out of the estimates' denominator
    double weight_decay = 0.0;      ///< decoupled, of every parameter
};

/// AdamW whose learning rate grows to an estimate of the distance to the optimum, faster than dadapt_adamw's. The
/// learning rate multiplies it: 1 is the method's own.
GradientTransform prodigy(const Schedule& learning_rate, const ProdigyOptions& options = {});

}  // namespace podium::optim
