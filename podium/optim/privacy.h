#pragma once

#include "podium/optim/scaling.h"

/// Training that tells little about any one example. What it tells is counted by `RdpAccountant`.
namespace podium::optim {

struct PrivacyOptions {
    double max_norm = 1.0;          ///< of each example's gradient
    double noise_multiplier = 1.0;  ///< standard deviation of the noise over max_norm
    std::uint64_t seed = 0;
};
/// Clips each example's gradients together, sums them, adds normal noise and divides by the number of examples. Unlike
/// other transforms' its gradients are [examples, …], such as `vmap(grad(loss))` gives; parameters and updates are
/// not. State: "key": u32[2]. Source: Abadi et al. 2016, arXiv:1607.00133, algorithm 1; optax.contrib,
/// differentially_private_aggregate.
GradientTransform differentially_private_aggregate(const PrivacyOptions& options);

/// Returns stochastic gradient descent on such; momentum 0 keeps no state. Source: optax.contrib, dpsgd.
GradientTransform dpsgd(const Schedule& learning_rate, const PrivacyOptions& options, double momentum = 0.0,
                        bool nesterov = false);

}  // namespace podium::optim
