#pragma once

#include "podium/optim/line_search.h"
#include "podium/optim/scaling.h"

namespace podium::optim {

struct NewtonCgOptions {
    std::int64_t iterations = 20;  ///< products with the Hessian a step, at most
    double damping = 0.0;          ///< added to the Hessian's diagonal
    ZoomOptions line_search = {};
};

/// Returns H^-1 g as far as conjugate gradients come: until the residual is below min(1/2, sqrt(|g|)) |g|, or the
/// curvature is not positive. Products with the Hessian H are directional derivatives of the gradient. Needs the loss
/// as a function; no state.
GradientTransform scale_by_newton_cg(const NewtonCgOptions& options = {});
/// Hessian-free Newton steps with a zoom line search, which begins at learning_rate times the step: give 1.
GradientTransform newton_cg(const Schedule& learning_rate, const NewtonCgOptions& options = {});

}  // namespace podium::optim
