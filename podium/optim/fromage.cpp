#include "podium/optim/fromage.h"

#include <cmath>

#include "podium/optim/trust_ratio.h"

namespace podium::optim {

/// Source: Bernstein et al. 2020, arXiv:2002.03432, algorithm 1; optax, fromage.
///   s = 1 / sqrt(1 + learning_rate^2)
///   u = -s * learning_rate * g * |p| / |g| + (s - 1) * p
GradientTransform fromage(const Schedule& learning_rate, const FromageOptions& options) {
    Schedule rate = 0.0, decay = 0.0;
    if (const auto constant = learning_rate.constant()) {
        const double shrinking = 1.0 / std::sqrt(1.0 + *constant * *constant);
        rate = *constant * shrinking;
        decay = shrinking - 1.0;
    } else {
        const auto shrinking = [](const Tensor& value) { return 1.0 / sqrt(1.0 + square(value)); };
        rate = [=](const Tensor& step) {
            const Tensor value = learning_rate(step, step.type());
            return shrinking(value) * value;
        };
        decay = [=](const Tensor& step) { return shrinking(learning_rate(step, step.type())) - 1.0; };
    }
    return named("fromage", chain(scale_by_trust_ratio({.min_norm = options.min_norm}), scale_by_learning_rate(rate),
                                  add_decayed_weights(decay)));
}

}  // namespace podium::optim
