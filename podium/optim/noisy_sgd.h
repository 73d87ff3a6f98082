#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct NoisySgdOptions {
    double eta = 0.01;       ///< variance of the first step's noise
    double gamma = 0.55;     ///< the variance falls by t^-gamma
    std::uint64_t seed = 0;  ///< of the noise
};

/// Source: Neelakantan et al. 2015, arXiv:1511.06807; optax, noisy_sgd.
GradientTransform noisy_sgd(const Schedule& learning_rate, const NoisySgdOptions& options = {});

}  // namespace podium::optim
