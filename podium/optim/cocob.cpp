#include "podium/optim/cocob.h"

namespace podium::optim {

/// Source: Orabona and Tommasi 2017, arXiv:1705.07795, algorithm 2; optax, contrib.scale_by_cocob.
///   L' = max(L, |g|), G' = G + |g|, R' = max(R - g * (p - p0), 0), C' = C - g
///   u  = p0 - p + C' / (L' * max(G' + L', alpha * L')) * (L' + R')
GradientTransform scale_by_cocob(const CocobOptions& options) {
    const auto least = [=](const Tensor& p) { return full(p.dims(), options.epsilon, p.type()); };
    return per_leaf("scale_by_cocob",
                    {slot("start", [](const Tensor& p) { return p; }), slot("sum", zeros_like), slot("greatest", least),
                     slot("sum_of_magnitudes", zeros_like), slot("reward", zeros_like)},
                    [=](const Leaf& leaf) {
                        const Tensor &gradient = leaf.update, &start = leaf.slots[0];
                        const Tensor sum = leaf.slots[1] - gradient, greatest = maximum(leaf.slots[2], abs(gradient));
                        const Tensor magnitudes = leaf.slots[3] + abs(gradient);
                        const Tensor reward = maximum(leaf.slots[4] - gradient * (leaf.parameter - start), 0.0);
                        const Tensor stake =
                            sum / (greatest * maximum(magnitudes + greatest, options.alpha * greatest));
                        return leaf.with(start + stake * (greatest + reward) - leaf.parameter,
                                         {start, sum, greatest, magnitudes, reward});
                    });
}

GradientTransform cocob(const Schedule& learning_rate, const CocobOptions& options) {
    return named("cocob", chain(add_decayed_weights(options.weight_decay, options.mask),
                                scale_by_learning_rate(learning_rate.negated()), scale_by_cocob(options)));
}

}  // namespace podium::optim
