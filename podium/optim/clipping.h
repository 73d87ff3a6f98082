#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// Scales all updates down together where their global norm is not below `max_norm`. Source: Pascanu et al. 2013,
/// arXiv:1211.5063, Algorithm 1; optax, clip_by_global_norm.
GradientTransform clip_by_global_norm(double max_norm);
/// Moves each element into [-max_delta, max_delta]. Source: optax, clip.
GradientTransform clip(double max_delta);

}  // namespace podium::optim
