#pragma once

#include "podium/optim/gradient_transform.h"
#include "podium/optim/schedule.h"

namespace podium::optim {

/// Returns the method that `make` makes with a learning rate that is part of the state, "learning_rate": f32[], or
/// f64[] where a parameter is. A caller may put another number there between updates, and the compiled step stays. A
/// method that takes no schedule throws INVALID_ARGUMENT. Source: optax, inject_hyperparams.
GradientTransform injected_rate(double learning_rate, const std::function<GradientTransform(const Schedule&)>& make);

}  // namespace podium::optim
