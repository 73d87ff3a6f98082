#include "podium/optim/sgd.h"

namespace podium::optim {

/// Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"; optax, sgd.
///   m' = g + momentum * m
///   u  = -learning_rate * m', or -learning_rate * (g + momentum * m') with Nesterov's form
GradientTransform sgd(const Schedule& learning_rate, const SgdOptions& options) {
    std::vector<GradientTransform> parts;
    if (options.momentum != 0.0) parts.push_back(trace(options.momentum, options.nesterov));
    parts.push_back(scale_by_learning_rate(learning_rate));
    return named("sgd", chain(std::move(parts)));
}

}  // namespace podium::optim
