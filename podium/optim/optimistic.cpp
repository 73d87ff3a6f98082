#include "podium/optim/optimistic.h"

#include "podium/optim/nadam.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Mokhtari et al. 2019, arXiv:1901.08511; optax, scale_by_optimistic_gradient.
GradientTransform scale_by_optimistic_gradient(const OptimisticOptions& options) {
    const auto state_of = [](bool is_first, const Tree& gradient) {
        return TreeBuilder<Tensor>()
            .add("is_first", full({}, is_first, DataType::BOOL))
            .add("gradient", gradient)
            .build();
    };
    const auto init = [=](const Tree& parameters) { return state_of(true, parameters.map(zeros_like)); };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree&) {
        const Tree changed = zipped(
            [&](const Tensor& now, const Tensor& before) {
                return (options.alpha + options.beta) * now - options.beta * select(state["is_first"], now, before);
            },
            updates, state.subtree("gradient"));
        return std::pair{changed, state_of(false, updates)};
    };
    return {"scale_by_optimistic_gradient", init, update};
}

GradientTransform optimistic_gradient_descent(const Schedule& learning_rate, const OptimisticOptions& options) {
    return named("optimistic_gradient_descent",
                 chain(scale_by_optimistic_gradient(options), scale_by_learning_rate(learning_rate)));
}

/// Source: Daskalakis et al. 2018, arXiv:1711.00141; optax, optimistic_adam_v2.
GradientTransform optimistic_adam(const Schedule& learning_rate, const OptimisticAdamOptions& options) {
    return named("optimistic_adam",
                 chain(scale_by_nadam({options.beta1, options.beta2, options.epsilon}),
                       scale_by_optimistic_gradient(options.optimism), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
