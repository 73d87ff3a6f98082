#include "podium/optim/amsgrad.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Reddi, Kale and Kumar 2018, "On the Convergence of Adam and Beyond"; optax, scale_by_amsgrad.
///   m' = (1 - beta1) * g + beta1 * m
///   v' = (1 - beta2) * g^2 + beta2 * v
///   w' = max(w, v' / (1 - beta2^t))
///   u  = m' / (1 - beta1^t) / (sqrt(w') + epsilon)
GradientTransform scale_by_amsgrad(const AmsgradOptions& options) {
    return per_leaf(
        "scale_by_amsgrad",
        {slot("first_moment", zeros_like), slot("second_moment", zeros_like), slot("greatest", zeros_like)},
        [=](const Leaf& leaf) {
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor second = moved(leaf.slots[1], options.beta2, square(leaf.update));
            const Tensor greatest = maximum(leaf.slots[2], second / leaf.scalars[1]);
            return leaf.with(first / leaf.scalars[0] / (sqrt(greatest) + options.epsilon), {first, second, greatest});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform amsgrad(const Schedule& learning_rate, const AmsgradOptions& options) {
    return named("amsgrad", chain(scale_by_amsgrad(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
