#include "podium/optim/adagrad.h"

namespace podium::optim {

/// Source: Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods"; optax, scale_by_rss.
///   s' = g^2 + s
///   u  = g / sqrt(s' + epsilon), or 0 where s' is
GradientTransform scale_by_rss(const AdagradOptions& options) {
    const auto initial = [=](const Tensor& parameter) {
        return full(parameter.dims(), options.initial_accumulator, parameter.type());
    };
    return per_leaf("scale_by_rss", {slot("sum_of_squares", initial)}, [=](const Leaf& leaf) {
        const Tensor sum = square(leaf.update) + leaf.slots[0];
        const Tensor scale = options.epsilon_in_root ? select(sum > 0.0, rsqrt(sum + options.epsilon), 0.0)
                                                     : 1.0 / (sqrt(sum) + options.epsilon);
        return leaf.with(scale * leaf.update, {sum});
    });
}

GradientTransform adagrad(const Schedule& learning_rate, const AdagradOptions& options) {
    return named("adagrad", chain(scale_by_rss(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
