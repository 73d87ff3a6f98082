#pragma once

#include "podium/optim/gradient_transform.h"

/// Wrappers that let an optimizer update now and then. What they turn down is not computed.
namespace podium::optim {

/// Lets `inner` update where all updates are finite; else they are zero and its state stays. After more than
/// `max_consecutive_errors` in a row they are taken as they are. State: "inner", "consecutive", "total" (i32[]).
/// Source: optax, apply_if_finite.
GradientTransform apply_if_finite(const GradientTransform& inner, std::int64_t max_consecutive_errors);

/// Says of updates whether they are left out: bool[].
using ShouldSkip = std::function<Tensor(const Tree& updates)>;
/// Lets `inner` update but where `should_skip` says so: then updates are zero and its state stays. State: "inner",
/// "skipped": i32[]. Source: optax, MultiSteps's should_skip_update_fn.
GradientTransform skip_updates(const GradientTransform& inner, ShouldSkip should_skip);
/// Returns true where an element is no number or infinite. Source: optax, skip_not_finite.
Tensor skip_not_finite(const Tree& updates);
/// Returns what says true where the squared global norm is not below that. Source: optax, skip_large_updates.
ShouldSkip skip_large_updates(double max_squared_norm);

struct SpikeOptions {
    double factor = 3.0;            ///< of the mean: norms above that are spikes
    double decay = 0.9;             ///< of the mean
    std::int64_t first_steps = 10;  ///< norms that the mean needs before it is one
};
/// Lets `inner` update but where the gradients' global norm is above `factor` times the mean of those before, or not
/// finite. State: "inner", "mean": f32[], "count", "skipped": i32[]. Source: Adam's bias-corrected first moment, of
/// the norms that pass.
GradientTransform skip_spikes(const GradientTransform& inner, const SpikeOptions& options = {});

/// Says of a step (i32[]: the updates before this one) whether it counts: bool[].
using StepCondition = std::function<Tensor(const Tensor& step)>;
/// Lets `inner` change updates at the steps of the condition; others pass as they are. State: "inner", "step".
/// Source: optax, conditionally_transform.
GradientTransform conditionally_transform(const GradientTransform& inner, StepCondition condition);
/// The same, but at other steps updates are zero. Source: optax, conditionally_mask.
GradientTransform conditionally_mask(const GradientTransform& inner, StepCondition condition);

}  // namespace podium::optim
