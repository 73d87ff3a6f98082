#include "podium/optim/adabound.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Luo et al. 2019, arXiv:1902.09843, algorithm 2, with Adam's corrections as its authors' code has them.
///   r = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v') + epsilon)        m', v': those of scale_by_adam
///   u = -m' * r, with r within final_rate * (1 - 1 / (gamma * t + 1)) and final_rate * (1 + 1 / (gamma * t))
GradientTransform adabound(const Schedule& learning_rate, const AdaboundOptions& options) {
    const auto bounded = per_leaf(
        "scale_by_adabound", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor second = moved(leaf.slots[1], options.beta2, square(leaf.update));
            const Tensor rate = leaf.scalars[0] / (sqrt(second) + options.epsilon);
            return leaf.with(clamp(leaf.scalars[1], rate, leaf.scalars[2]) * first, {first, second});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            const Tensors corrected = corrections({options.beta1, options.beta2})(count, type);
            const Tensor closing = options.gamma * convert(safe_increment(count), type);
            return {learning_rate(count, type) * sqrt(corrected[1]) / corrected[0],
                    options.final_rate * (1.0 - 1.0 / (closing + 1.0)), options.final_rate * (1.0 + 1.0 / closing)};
        });
    return named("adabound", chain(add_decayed_weights(options.weight_decay, options.mask), bounded, scale(-1.0)));
}

}  // namespace podium::optim
