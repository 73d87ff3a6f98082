#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// Returns (1 - decay) * x + decay * moment.
Tensor moved(const Tensor& moment, double decay, const Tensor& x);
/// Returns for each decay 1 - decay^t, t being the updates with this one: what a moment that began at zero lacks.
StepScalars corrections(std::vector<double> decays);
/// Returns the moving mean of updates, which begins at zero. Source: optax, ema without debias.
GradientTransform moving_average(double decay);

}  // namespace podium::optim
