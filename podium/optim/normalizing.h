#pragma once

#include "podium/optim/gradient_transform.h"

/// Transforms that shape updates: small links of chains.
namespace podium::optim {

/// Takes from each tensor of two dimensions or more the mean over all but its first. Source: Yong et al. 2020,
/// arXiv:2004.01461; optax, centralize.
GradientTransform centralize();
/// Returns updates · scale / (their global norm + epsilon). Source: optax, normalize_by_update_norm.
GradientTransform normalize_by_update_norm(double scale = 1.0, double epsilon = 1e-6);
/// Returns updates times their parameter's norm, which is `least` at least. Source: optax, scale_by_param_block_norm.
GradientTransform scale_by_param_block_norm(double least = 1e-3);
/// The same by the parameter's root mean square. Source: optax, scale_by_param_block_rms.
GradientTransform scale_by_param_block_rms(double least = 1e-3);

/// Changes updates that would make parameters negative so that these become 0. Source: optax, keep_params_nonnegative.
GradientTransform keep_params_nonnegative();
/// Puts 0 where updates are no number. State: "found_nan.PARAMETER": bool[], of the last step. Source: optax,
/// zero_nans.
GradientTransform zero_nans();

/// Returns the updates' moving average, divided by what it lacks of the first steps where `debias` says so. State:
/// "count", "average.PARAMETER". Source: optax, ema.
GradientTransform ema(double decay, bool debias = true);
/// Returns the sum of each `steps` updates, and zeros between. State: "count", "sum.PARAMETER". Source: optax,
/// apply_every. `multi_steps` gives an optimizer their mean instead.
GradientTransform apply_every(std::int64_t steps);

/// Adds normal noise of variance eta / (1 + count)^gamma, each parameter's from a key of its own. State: "count",
/// "key": u32[2]. Source: Neelakantan et al. 2015, arXiv:1511.06807, equation 1; optax, add_noise.
GradientTransform add_noise(double eta, double gamma, std::uint64_t seed);

}  // namespace podium::optim
