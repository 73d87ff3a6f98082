#pragma once

#include "podium/optim/adamw.h"

namespace podium::optim {

/// Returns `method` for the parameters that `matrices` takes, AdamW for the rest; the same weight decay for both.
/// State: "matrices.…" and "rest.…".
GradientTransform adamw_but_for_matrices(const GradientTransform& method, const Mask& matrices,
                                         const Schedule& learning_rate, const AdamwOptions& rest);

}  // namespace podium::optim
