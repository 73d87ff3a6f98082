#pragma once

#include "podium/optim/muon.h"

namespace podium::optim {

struct GaloreOptions {
    std::int64_t rank = 128;   ///< of the projected gradients, at most
    std::int64_t every = 200;  ///< updates between two projections
    double scale = 1.0;        ///< of the updates
    double beta1 = 0.9;        ///< Adam's, in the projection
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;        ///< decoupled
    Mask mask = {};                   ///< what decays
    Mask matrices = is_layer_matrix;  ///< what is projected
};

/// Lets `inner`, which sees no parameters, scale gradients whose matrices are projected on their first singular
/// vectors, the shorter dimension staying whole; what is not projected it scales as it is. State: "count", "base.…",
/// "projector.PARAMETER": […, longer, rank]. Singular vectors have no sign of their own: here each sums up to 0 or
/// more, whatever computes them. In f64 they are f64, where optax's are f32.
GradientTransform scale_by_galore(const GradientTransform& inner, const GaloreOptions& options = {});
/// Adam on projected gradients.
GradientTransform galore(const Schedule& learning_rate, const GaloreOptions& options = {});

}  // namespace podium::optim
