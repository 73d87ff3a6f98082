#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

/// Returns the updates' signs.
GradientTransform scale_by_sign();
GradientTransform sign_sgd(const Schedule& learning_rate);

}  // namespace podium::optim
