#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct CocobOptions {
    double alpha = 100.0;       ///< least ratio of the sum of magnitudes to the greatest one
    double epsilon = 1e-8;      ///< the greatest magnitude at first
    double weight_decay = 0.0;  ///< added to the gradients
    Mask mask = {};             ///< what decays
};

/// Returns the steps of a bettor who stakes a share of what it has won; gradients' units do not matter.
GradientTransform scale_by_cocob(const CocobOptions& options = {});
/// The learning rate scales gradients: 1 is the method's own.
GradientTransform cocob(const Schedule& learning_rate, const CocobOptions& options = {});

}  // namespace podium::optim
