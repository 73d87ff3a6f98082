#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct AdafactorOptions {
    std::int64_t least_factored = 128;  ///< matrices with two sides of at least that keep sums of rows and columns
    double decay_exponent = 0.8;        ///< the second moment decays by 1 - t^-decay_exponent
    double epsilon = 1e-30;             ///< added to squares
    double clip_rms = 1.0;              ///< greatest root mean square of a parameter's update; 0 does not clip
    bool by_parameter_scale = true;     ///< whether steps grow with the parameter's root mean square
    double momentum = 0.0;              ///< of the steps; 0 keeps no state
    double weight_decay = 0.0;          ///< not times the learning rate
    Mask mask = {};                     ///< what decays
};

/// Scales updates by the root of their second moment, which for large matrices is known by its rows' and columns'
/// means.
GradientTransform scale_by_factored_rms(const AdafactorOptions& options = {});
GradientTransform adafactor(const Schedule& learning_rate, const AdafactorOptions& options = {});

}  // namespace podium::optim
