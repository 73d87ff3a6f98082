#include "podium/optim/adabelief.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Zhuang et al. 2020, arXiv:2010.07468; optax, scale_by_belief.
///   m' = (1 - beta1) * g + beta1 * m
///   v' = (1 - beta2) * (g - m')^2 + beta2 * v + epsilon_root
///   u  = m' / (1 - beta1^t) / (sqrt(v' / (1 - beta2^t)) + epsilon)
GradientTransform scale_by_belief(const AdabeliefOptions& options) {
    return per_leaf(
        "scale_by_belief", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor second =
                moved(leaf.slots[1], options.beta2, square(leaf.update - first)) + options.epsilon_root;
            return leaf.with(first / leaf.scalars[0] / (sqrt(second / leaf.scalars[1]) + options.epsilon),
                             {first, second});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform adabelief(const Schedule& learning_rate, const AdabeliefOptions& options) {
    return named("adabelief", chain(scale_by_belief(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
