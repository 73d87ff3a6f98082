#include "podium/optim/adopt.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Taniguchi et al. 2024, arXiv:2411.02853, algorithm 2; optax, contrib.scale_by_adopt.
///   n  = g / max(sqrt(v), epsilon), within -t^(1/4) and t^(1/4) for t updates before this one
///   m' = (1 - beta1) * n + beta1 * m, at the first step m;      u = m', or (1 - beta1) * n + beta1 * m' with Nesterov
///   v' = (1 - beta2) * g^2 + beta2 * v, at the first step g^2
GradientTransform scale_by_adopt(const AdoptOptions& options) {
    return per_leaf(
        "scale_by_adopt", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor &beta1 = leaf.scalars[0], &beta2 = leaf.scalars[1], &limit = leaf.scalars[2];
            Tensor scaled = leaf.update / maximum(sqrt(leaf.slots[1]), options.epsilon);
            if (options.clip) scaled = clamp(-limit, scaled, limit);
            const auto next = [&](const Tensor& moment) { return (1.0 - beta1) * scaled + beta1 * moment; };
            const Tensor first = next(leaf.slots[0]);
            const Tensor second = (1.0 - beta2) * square(leaf.update) + beta2 * leaf.slots[1];
            return leaf.with(options.nesterov ? next(first) : first, {first, second});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            const Tensor is_first = equal(count, 0), done = convert(count, type);
            return {select(is_first, ones_like(done), options.beta1), select(is_first, zeros_like(done), options.beta2),
                    power(done, 0.25)};
        });
}

GradientTransform adopt(const Schedule& learning_rate, const AdoptOptions& options) {
    return named("adopt", chain(scale_by_adopt(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
