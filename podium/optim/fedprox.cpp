#include "podium/optim/fedprox.h"

#include "podium/optim/sgd.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Li et al. 2020, arXiv:1812.06127, equation 2.
GradientTransform add_proximal_term(double mu, std::int64_t every) {
    const auto state_of = [](const Tensor& count, const Tree& global) {
        return TreeBuilder<Tensor>().add("count", count).add("global", global).build();
    };
    const auto init = [=](const Tree& parameters) { return state_of(zeros({}, DataType::INT32), parameters); };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters) {
        expect_same_paths("add_proximal_term", updates, parameters);
        const Tensor& count = state["count"];
        Tree global = in_order(state.subtree("global"), updates);
        if (every > 0) global = chosen(equal(remainder(count, every), 0), in_order(parameters, updates), global);
        const Tree changed = zipped(
            [&](const Tensor& g, const Tensor& p, const Tensor& w) { return g + convert(mu * (p - w), g.type()); },
            updates, parameters, global);
        return std::pair{changed, state_of(safe_increment(count), global)};
    };
    return {"add_proximal_term", init, update};
}

GradientTransform fedprox(const Schedule& learning_rate, const FedproxOptions& options) {
    return named("fedprox", chain(add_proximal_term(options.mu, options.every),
                                  sgd(learning_rate, {.momentum = options.momentum, .nesterov = options.nesterov})));
}

}  // namespace podium::optim
