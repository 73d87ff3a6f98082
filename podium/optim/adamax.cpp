#include "podium/optim/adamax.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.1; optax, scale_by_adamax.
///   m' = (1 - beta1) * g + beta1 * m
///   v' = max(|g| + epsilon, beta2 * v)
///   u  = m' / (1 - beta1^t) / v'
GradientTransform scale_by_adamax(const AdamaxOptions& options) {
    const auto [beta1, beta2, epsilon] = std::array{options.beta1, options.beta2, options.epsilon};
    return per_leaf(
        "scale_by_adamax", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], beta1, leaf.update);
            const Tensor greatest = maximum(abs(leaf.update) + epsilon, beta2 * leaf.slots[1]);
            return leaf.with(first / leaf.scalars[0] / greatest, {first, greatest});
        },
        corrections({beta1}));
}

GradientTransform adamax(const Schedule& learning_rate, const AdamaxOptions& options) {
    std::vector<GradientTransform> parts{scale_by_adamax(options)};
    if (options.weight_decay != 0.0) parts.push_back(add_decayed_weights(options.weight_decay, options.mask));
    parts.push_back(scale_by_learning_rate(learning_rate));
    return named("adamax", chain(std::move(parts)));
}

}  // namespace podium::optim
