#include "podium/optim/novograd.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Ginsburg et al. 2019, arXiv:1905.11286, algorithm 1; optax, scale_by_novograd.
///   v' = (1 - beta2) * |g|^2 + beta2 * v, at the first step |g|^2: one number a parameter tensor
///   m' = beta1 * m + g / (sqrt(v' + epsilon_root) + epsilon) + weight_decay * p
GradientTransform scale_by_novograd(const NovogradOptions& options) {
    const auto number = [](const Tensor& parameter) { return zeros({}, parameter.type()); };
    return per_leaf(
        "scale_by_novograd", {slot("first_moment", zeros_like), slot("second_moment", number)},
        [=](const Leaf& leaf) {
            const Tensor squares = sum(square(leaf.update));
            const Tensor second = select(leaf.scalars[0] > 0.0, squares, moved(leaf.slots[1], options.beta2, squares));
            const Tensor step = leaf.update / (sqrt(second + options.epsilon_root) + options.epsilon);
            const Tensor first = options.beta1 * leaf.slots[0] + step + options.weight_decay * leaf.parameter;
            return leaf.with(first, {first, second});
        },
        [](const Tensor& count, DataType type) -> Tensors { return {convert(equal(count, 0), type)}; });
}

GradientTransform novograd(const Schedule& learning_rate, const NovogradOptions& options) {
    return named("novograd", chain(scale_by_novograd(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
