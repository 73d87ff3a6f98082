#include "podium/optim/radam.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Liu et al. 2020, arXiv:1908.03265, algorithm 2; optax, scale_by_radam.
///   m^ = m' / (1 - beta1^t), v^ = v' / (1 - beta2^t)        the moments of scale_by_adam
///   k  = 2 / (1 - beta2) - 1, p = k - 2 t beta2^t / (1 - beta2^t)
///   u  = sqrt((p - 4) (p - 2) k / ((k - 4) (k - 2) p)) * m^ / (sqrt(v^) + epsilon), or m^ where p is below the
///   threshold
GradientTransform scale_by_radam(const RadamOptions& options) {
    return per_leaf(
        "scale_by_radam", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor second = moved(leaf.slots[1], options.beta2, square(leaf.update));
            const Tensor steps = first / leaf.scalars[0];
            const Tensor scaled = leaf.scalars[2] * steps / (sqrt(second / leaf.scalars[1]) + options.epsilon);
            const Tensor known = broadcast_to(leaf.scalars[3] >= options.threshold, steps.dims());
            return leaf.with(select(known, scaled, steps), {first, second});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            const Tensor step = convert(safe_increment(count), type), decayed = power(options.beta2, step);
            const double limit = 2.0 / (1.0 - options.beta2) - 1.0;
            const Tensor freedom = limit - 2.0 * step * decayed / (1.0 - decayed);
            const Tensor ratio = (freedom - 4.0) * (freedom - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * freedom);
            return {1.0 - power(options.beta1, step), 1.0 - decayed, sqrt(ratio), freedom};
        });
}

GradientTransform radam(const Schedule& learning_rate, const RadamOptions& options) {
    return named("radam", chain(scale_by_radam(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
