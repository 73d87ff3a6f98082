#include "podium/optim/simplified_ademamix.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Morwani et al. 2025, arXiv:2502.02431; optax, contrib.simplified_ademamix.
///   m' = g + beta1 * m, v' = (1 - beta2) * g^2 + beta2 * v
///   u  = (m' + alpha * g) / (sqrt(v' / (1 - beta2^t) + epsilon_root) + epsilon)
GradientTransform simplified_ademamix(const Schedule& learning_rate, const SimplifiedAdemamixOptions& options) {
    const auto mixed = per_leaf(
        "scale_by_simplified_ademamix", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = leaf.update + options.beta1 * leaf.slots[0];
            const Tensor second = moved(leaf.slots[1], options.beta2, square(leaf.update));
            const Tensor root = sqrt(second / leaf.scalars[0] + options.epsilon_root) + options.epsilon;
            return leaf.with((first + options.alpha * leaf.update) / root, {first, second});
        },
        corrections({options.beta2}));
    return named("simplified_ademamix", chain(mixed, add_decayed_weights(options.weight_decay, options.mask),
                                              scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
