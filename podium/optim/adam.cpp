#include "podium/optim/adam.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Adam. Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1; optax, scale_by_adam.
///   m' = (1 - beta1) * g + beta1 * m          first moment; shape of g
///   v' = (1 - beta2) * g^2 + beta2 * v        second moment
///   u  = (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t) + epsilon_root) + epsilon)
/// or, with corrects_epsilon, sqrt(1 - beta2^t) / (1 - beta1^t) * m' / (sqrt(v' + epsilon_root) + epsilon)
GradientTransform scale_by_adam(const AdamOptions& options) {
    return per_leaf(
        "scale_by_adam", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [options](const Leaf& leaf) {
            const auto [beta1, beta2, epsilon, epsilon_root, corrects_epsilon] = options;
            const Tensor &gradient = leaf.update, &correction1 = leaf.scalars[0], &correction2 = leaf.scalars[1];
            const Tensor first = moved(leaf.slots[0], beta1, gradient);
            const Tensor second = moved(leaf.slots[1], beta2, square(gradient));
            if (corrects_epsilon) {
                const Tensor scale = sqrt(correction2) / correction1;
                return leaf.with(scale * first / (sqrt(second + epsilon_root) + epsilon), {first, second});
            }
            Tensor variance = second / correction2;
            if (epsilon_root != 0.0) variance = variance + epsilon_root;
            return leaf.with(first / correction1 / (sqrt(variance) + epsilon), {first, second});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform adam(const Schedule& learning_rate, const AdamOptions& options) {
    return named("adam", chain(scale_by_adam(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
