#pragma once

#include "podium/ir/ops.h"

namespace podium::train {

// Dynamic loss scaling: gradients too small for f16 are computed larger, and divided again in f32. Source:
// Micikevicius et al. 2018, arXiv:1710.03740, section 3.2; the numbers are those of flax.training.dynamic_scale.

inline constexpr double FIRST_SCALE = 65536;
inline constexpr double SCALE_FACTOR = 2;
inline constexpr std::int64_t SCALE_INTERVAL = 2000;  ///< steps without overflow until the scale grows

/// Returns the state before the first step: "scale" (f32[]), "good_steps" since it changed, "skipped" in all (i32[]).
Tree initial_scaling();
/// Returns the state after a step: halved where gradients overflowed, doubled after SCALE_INTERVAL steps that did not.
Tree next_scaling(const Tree& scaling, const Tensor& overflow);

}  // namespace podium::train
