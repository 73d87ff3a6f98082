#include "podium/optim/asgd.h"

namespace podium::optim {

/// Source: Polyak and Juditsky 1992; torch.optim.ASGD, with t the updates before this one.
///   r = learning_rate / (1 + shrinking * learning_rate * t)^exponent
///   u = -r * (g + shrinking * p),      average' = average + (p + u - average) / max(1, t - average_after)
GradientTransform asgd(const Schedule& learning_rate, const AsgdOptions& options) {
    const auto averaging = per_leaf(
        "scale_by_asgd", {slot("average", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor update = -leaf.scalars[0] * (leaf.update + options.shrinking * leaf.parameter);
            const Tensor next = leaf.parameter + update;
            return leaf.with(update, {leaf.slots[0] + leaf.scalars[1] * (next - leaf.slots[0])});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            const Tensor rate = learning_rate(count, type), done = convert(count, type);
            return {rate / power(1.0 + options.shrinking * rate * done, options.exponent),
                    1.0 / maximum(done - options.average_after, 1.0)};
        });
    return named("asgd", chain(add_decayed_weights(options.weight_decay, options.mask), averaging));
}

}  // namespace podium::optim
