#pragma once

#include "podium/optim/line_search.h"
#include "podium/optim/scaling.h"

namespace podium::optim {

struct LbfgsOptions {
    std::int64_t memory = 10;  ///< steps whose changes of gradients are kept
    bool scale_first = true;   ///< whether the first curvature is the last step's, else one
    ZoomOptions line_search = {};
};

/// Returns gradients times an estimate of the inverse Hessian, from the last steps' changes of parameters and
/// gradients. State: "count", "parameters.PARAMETER" and "gradient.PARAMETER" of the last step, "steps.PARAMETER" and
/// "changes.PARAMETER": [memory, …], "weights": f32[memory].
GradientTransform scale_by_lbfgs(const LbfgsOptions& options = {});
/// L-BFGS with a zoom line search, which begins at learning_rate times the direction: give 1. Needs the loss as a
/// function, and is for losses of all samples at once.
GradientTransform lbfgs(const Schedule& learning_rate, const LbfgsOptions& options = {});

}  // namespace podium::optim
