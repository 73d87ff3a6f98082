#include "podium/optim/acprop.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Zhuang et al. 2021, arXiv:2110.05454, algorithm 1; optax, contrib.scale_by_acprop.
///   u  = g / (sqrt(v / (1 - beta2^(t - 1))) + epsilon), at the first step g / (1 + epsilon)
///   v' = (1 - beta2) * (g - m)^2 + beta2 * v + epsilon_root
///   m' = (1 - beta1) * g + beta1 * m
GradientTransform scale_by_acprop(const AcpropOptions& options) {
    return per_leaf(
        "scale_by_acprop", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor &gradient = leaf.update, &before = leaf.slots[1];
            const Tensor variance = select(leaf.scalars[1] > 0.0, 1.0, before / leaf.scalars[0]);
            const Tensor error = square(gradient - leaf.slots[0]);
            return leaf.with(gradient / (sqrt(variance) + options.epsilon),
                             {moved(leaf.slots[0], options.beta1, gradient),
                              moved(before, options.beta2, error) + options.epsilon_root});
        },
        [beta2 = options.beta2](const Tensor& count, DataType type) -> Tensors {
            return {1.0 - power(beta2, convert(maximum(count, 1), type)), convert(equal(count, 0), type)};
        });
}

GradientTransform acprop(const Schedule& learning_rate, const AcpropOptions& options) {
    return named("acprop", chain(scale_by_acprop(options), add_decayed_weights(options.weight_decay, options.mask),
                                 scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
