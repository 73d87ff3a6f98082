#include "podium/optim/nadam.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam"; optax, scale_by_adam with nesterov.
///   m^ = beta1 * m' / (1 - beta1^(t + 1)) + (1 - beta1) * g / (1 - beta1^t)        m', v': those of scale_by_adam
///   u  = m^ / (sqrt(v' / (1 - beta2^t)) + epsilon)
GradientTransform scale_by_nadam(const NadamOptions& options) {
    const auto [beta1, beta2, epsilon] = std::array{options.beta1, options.beta2, options.epsilon};
    return per_leaf(
        "scale_by_adam", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], beta1, leaf.update);
            const Tensor second = moved(leaf.slots[1], beta2, square(leaf.update));
            const Tensor ahead = beta1 * (first / leaf.scalars[2]) + (1.0 - beta1) * (leaf.update / leaf.scalars[0]);
            return leaf.with(ahead / (sqrt(second / leaf.scalars[1]) + epsilon), {first, second});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            const Tensor step = convert(safe_increment(count), type),
                         next = convert(safe_increment(safe_increment(count)), type);
            return {1.0 - power(beta1, step), 1.0 - power(beta2, step), 1.0 - power(beta1, next)};
        });
}

GradientTransform nadam(const Schedule& learning_rate, const NadamOptions& options) {
    std::vector<GradientTransform> parts{scale_by_nadam(options)};
    if (options.weight_decay != 0.0) parts.push_back(add_decayed_weights(options.weight_decay, options.mask));
    parts.push_back(scale_by_learning_rate(learning_rate));
    return named("nadam", chain(std::move(parts)));
}

}  // namespace podium::optim
