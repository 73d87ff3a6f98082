#include "podium/optim/lion.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Chen et al. 2023, arXiv:2302.06675, algorithm 2; optax, scale_by_lion.
///   u  = sign((1 - beta1) * g + beta1 * m)
///   m' = (1 - beta2) * g + beta2 * m
GradientTransform scale_by_lion(const LionOptions& options) {
    const auto [beta1, beta2] = std::array{options.beta1, options.beta2};
    return per_leaf("scale_by_lion", {slot("first_moment", zeros_like)}, [=](const Leaf& leaf) {
        return leaf.with(sign(moved(leaf.slots[0], beta1, leaf.update)), {moved(leaf.slots[0], beta2, leaf.update)});
    });
}

GradientTransform lion(const Schedule& learning_rate, const LionOptions& options) {
    return named("lion", chain(scale_by_lion(options), add_decayed_weights(options.weight_decay, options.mask),
                               scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
