#include "podium/optim/adan.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Xie et al. 2022, arXiv:2208.06677, algorithm 1; optax, scale_by_adan.
///   d  = g - g of the step before, 0 at the first
///   m' = (1 - beta1) * g + beta1 * m, v' = (1 - beta2) * d + beta2 * v
///   n' = (1 - beta3) * (g + (1 - beta2) * d)^2 + beta3 * n
///   u  = (m^ + (1 - beta2) * v^) / (sqrt(n^ + epsilon_root) + epsilon)      ^: divided by 1 - beta^t
GradientTransform scale_by_adan(const AdanOptions& options) {
    const auto [beta1, beta2, beta3, epsilon, root] =
        std::array{options.beta1, options.beta2, options.beta3, options.epsilon, options.epsilon_root};
    return per_leaf(
        "scale_by_adan",
        {slot("first_moment", zeros_like), slot("change", zeros_like), slot("second_moment", zeros_like),
         slot("gradient", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor& gradient = leaf.update;
            const Tensor change = (gradient - leaf.slots[3]) * leaf.scalars[3];
            const Tensor first = moved(leaf.slots[0], beta1, gradient), changes = moved(leaf.slots[1], beta2, change);
            const Tensor second = moved(leaf.slots[2], beta3, square(gradient + (1.0 - beta2) * change));
            const Tensor step = first / leaf.scalars[0] + (1.0 - beta2) * (changes / leaf.scalars[1]);
            return leaf.with(step / (sqrt(second / leaf.scalars[2] + root) + epsilon),
                             {first, changes, second, gradient});
        },
        [=, corrected = corrections({beta1, beta2, beta3})](const Tensor& count, DataType type) {
            Tensors scalars = corrected(count, type);
            scalars.push_back(convert(greater(count, 0), type));
            return scalars;
        });
}

GradientTransform adan(const Schedule& learning_rate, const AdanOptions& options) {
    return named("adan", chain(scale_by_adan(options), add_decayed_weights(options.weight_decay, options.mask),
                               scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
