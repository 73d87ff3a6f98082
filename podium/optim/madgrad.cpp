#include "podium/optim/madgrad.h"

namespace podium::optim {

/// Source: Defazio and Jelassi 2021, arXiv:2101.11075, algorithm 1; optax, contrib.scale_by_madgrad.
///   l  = (learning_rate + epsilon) * sqrt(t), v' = v + l * g^2, s' = s + l * g
///   u  = (1 - momentum) * (p0 - s' / (cbrt(v') + epsilon)) + momentum * p - p
GradientTransform scale_by_madgrad(const Schedule& learning_rate, const MadgradOptions& options) {
    return per_leaf(
        "scale_by_madgrad",
        {slot("sum_of_squares", zeros_like), slot("sum", zeros_like), slot("start", [](const Tensor& p) { return p; })},
        [=](const Leaf& leaf) {
            const Tensor &weight = leaf.scalars[0], &start = leaf.slots[2];
            const Tensor squares = leaf.slots[0] + weight * square(leaf.update);
            const Tensor sum = leaf.slots[1] + weight * leaf.update;
            const Tensor target = start - sum / (cbrt(squares) + options.epsilon);
            const Tensor next = (1.0 - options.momentum) * target + options.momentum * leaf.parameter;
            return leaf.with(next - leaf.parameter, {squares, sum, start});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            return {(learning_rate(count, type) + options.epsilon) * sqrt(convert(count + 1, type))};
        });
}

GradientTransform madgrad(const Schedule& learning_rate, const MadgradOptions& options) {
    return named("madgrad", chain(add_decayed_weights(options.weight_decay, options.mask),
                                  scale_by_madgrad(learning_rate, options)));
}

}  // namespace podium::optim
