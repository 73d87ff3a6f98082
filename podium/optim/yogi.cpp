#include "podium/optim/yogi.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Zaheer et al. 2018, "Adaptive Methods for Nonconvex Optimization"; optax, scale_by_yogi.
///   m' = (1 - beta1) * g + beta1 * m
///   v' = v - (1 - beta2) * sign(v - g^2) * g^2
///   u  = m' / (1 - beta1^t) / (sqrt(v' / (1 - beta2^t)) + epsilon)
GradientTransform scale_by_yogi(const YogiOptions& options) {
    const auto initial = [=](const Tensor& parameter) {
        return full(parameter.dims(), options.initial_accumulator, parameter.type());
    };
    return per_leaf(
        "scale_by_yogi", {slot("first_moment", initial), slot("second_moment", initial)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update), squared = square(leaf.update);
            const Tensor second = leaf.slots[1] - (1.0 - options.beta2) * sign(leaf.slots[1] - squared) * squared;
            return leaf.with(first / leaf.scalars[0] / (sqrt(second / leaf.scalars[1]) + options.epsilon),
                             {first, second});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform yogi(const Schedule& learning_rate, const YogiOptions& options) {
    return named("yogi", chain(scale_by_yogi(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
