#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct PolyakOptions {
    double lower_bound = 0.0;  ///< of the loss
    double epsilon = 0.0;      ///< added to the squared norm
    bool clip_gap = false;     ///< whether a loss below the bound counts as on it: SPS+
    Schedule scaling = 1.0;    ///< of gradients, before the step is computed
};

/// Scales updates by the loss's gap over their squared norm, at most by `max_learning_rate`. Needs the loss's value.
GradientTransform scale_by_polyak(double max_learning_rate, const PolyakOptions& options = {});
/// The learning rate is the greatest one; throws INVALID_ARGUMENT for a schedule.
GradientTransform polyak_sgd(const Schedule& learning_rate, const PolyakOptions& options = {});

}  // namespace podium::optim
