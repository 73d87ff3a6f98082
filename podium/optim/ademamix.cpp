#include "podium/optim/ademamix.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Pagliardini, Ablin and Grangier 2024, arXiv:2409.03137; optax, contrib.scale_by_ademamix. The weight of the
/// slow moment and its decay stay the same from the first step on.
///   u = (m' / (1 - beta1^t) + alpha * s') / (sqrt(v' / (1 - beta2^t) + epsilon_root) + epsilon)
///   s' = (1 - beta3) * g + beta3 * s          m', v': those of scale_by_adam
GradientTransform scale_by_ademamix(const AdemamixOptions& options) {
    return per_leaf(
        "scale_by_ademamix",
        {slot("first_moment", zeros_like), slot("slow_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor slow = moved(leaf.slots[1], options.beta3, leaf.update);
            const Tensor second = moved(leaf.slots[2], options.beta2, square(leaf.update));
            const Tensor root = sqrt(second / leaf.scalars[1] + options.epsilon_root) + options.epsilon;
            return leaf.with((first / leaf.scalars[0] + options.alpha * slow) / root, {first, slow, second});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform ademamix(const Schedule& learning_rate, const AdemamixOptions& options) {
    return named("ademamix", chain(scale_by_ademamix(options), add_decayed_weights(options.weight_decay, options.mask),
                                   scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
