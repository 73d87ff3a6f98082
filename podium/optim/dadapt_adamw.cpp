#include "podium/optim/dadapt_adamw.h"

#include <cmath>

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Defazio and Mishchenko 2023, arXiv:2301.07733, algorithm 5; optax, contrib.dadapt_adamw.
///   l  = d * learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t)
///   m' = beta1 * m + (1 - beta1) * l * g,       v' = beta2 * v + (1 - beta2) * g^2
///   s' = b * s + (1 - b) * l * g,               b = sqrt(beta2)
///   r' = b * r + (1 - b) * l * <g, s / (sqrt(v) + epsilon)>
///   d' = max(d, r' / ((1 - b) * |s'|_1)),       u = -m' / (sqrt(v') + epsilon) - weight_decay * l * p
GradientTransform dadapt_adamw(const Schedule& learning_rate, const DadaptAdamwOptions& options) {
    const auto init = [=](const Tree& parameters) {
        const DataType type = scalar_type(parameters);
        const Tree zero = parameters.map(zeros_like);
        return TreeBuilder<Tensor>()
            .add("first_moment", zero)
            .add("second_moment", zero)
            .add("sum", zero)
            .add("distance", full({}, options.first_distance, type))
            .add("numerator", zeros({}, type))
            .add("count", zeros({}, DataType::INT32))
            .build();
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        const auto [beta1, beta2, epsilon] = std::array{options.beta1, options.beta2, options.epsilon};
        const double root_beta2 = std::sqrt(beta2);
        const Tensor &distance = state["distance"], &count = state["count"];
        const DataType type = distance.type();
        const Tensors lacking = corrections({beta1, beta2})(count, type);
        const Tensor rate = distance * learning_rate(count, type) * (sqrt(lacking[1]) / lacking[0]);
        const auto preconditioned = [epsilon = epsilon](const Tensor& x, const Tensor& second) {
            return x / (sqrt(second) + epsilon);
        };
        const auto mixed = [&](double decay, const Tree& before) {
            return zipped([&](const Tensor& g,
                              const Tensor& x) { return decay * x + (1.0 - decay) * convert(rate, g.type()) * g; },
                          updates, before);
        };
        const Tensor agreement =
            inner_product(updates, zipped(preconditioned, state.subtree("sum"), state.subtree("second_moment")));
        const Tree first = mixed(beta1, state.subtree("first_moment")), sum = mixed(root_beta2, state.subtree("sum"));
        const Tree second =
            zipped([beta2 = beta2](const Tensor& g, const Tensor& x) { return beta2 * x + (1.0 - beta2) * g * g; },
                   updates, state.subtree("second_moment"));
        const Tensor numerator = root_beta2 * state["numerator"] + (1.0 - root_beta2) * rate * agreement;
        const Tensor estimate = numerator / ((1.0 - root_beta2) * sum_of_magnitudes(sum));
        const Tree changed = zipped(
            [&](const Tensor& p, const Tensor& m, const Tensor& v) {
                return -options.weight_decay * convert(rate, p.type()) * p - preconditioned(m, v);
            },
            parameters, first, second);
        const Tree next = TreeBuilder<Tensor>()
                              .add("first_moment", first)
                              .add("second_moment", second)
                              .add("sum", sum)
                              .add("distance", maximum(distance, estimate))
                              .add("numerator", numerator)
                              .add("count", safe_increment(count))
                              .build();
        return std::pair{changed, next};
    };
    return {"dadapt_adamw", init, update};
}

}  // namespace podium::optim
