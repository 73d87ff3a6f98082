#include "podium/optim/schedule_free.h"

#include "podium/optim/rmsprop.h"
#include "podium/optim/sgd.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {

/// Source: Defazio et al. 2024, arXiv:2405.15682, algorithm 1; optax, contrib.schedule_free.
///   z' = z + base's update at y, the parameters;      x = (y - (1 - beta1) * z) / beta1
///   x' = (1 - c) * x + c * z', c = w / sum of w, w = (greatest learning rate)^weight_power
///   u  = beta1 * x' + (1 - beta1) * z' - y
GradientTransform schedule_free(const GradientTransform& base, const Schedule& learning_rate,
                                const ScheduleFreeOptions& options) {
    const auto state_of = [](const Tensor& weight_sum, const Tensor& count, const Tensor& greatest, const Tree& inner,
                             const Tree& target) {
        TreeBuilder<Tensor> state;
        state.add("weight_sum", weight_sum).add("count", count).add("greatest_rate", greatest);
        return state.add("base", inner).add("target", target).build();
    };
    const auto init = [=](const Tree& parameters) {
        const Tensor zero = zeros({}, scalar_type(parameters));
        return state_of(zero, ones({}, DataType::INT32), zero, base.init(parameters), parameters);
    };
    const auto update = [=](const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        const Tensor& count = state["count"];
        const Tensor greatest = maximum(state["greatest_rate"], learning_rate(count, state["greatest_rate"].type()));
        const Tensor weight = power(greatest, options.weight_power), total = state["weight_sum"] + weight;
        const Tensor share = select(equal(total, 0.0), zeros_like(total), weight / total);
        const auto [moves, inner] = base.update(updates, state.subtree("base"), parameters, loss);
        const Tree before = state.subtree("target"), target = apply_updates(in_order(before, parameters), moves);
        const Tree average = schedule_free_average(state, parameters, options.beta1);
        const Tree changed = zipped(
            [&](const Tensor& y, const Tensor& x, const Tensor& z) {
                const Tensor c = convert(share, y.type());
                return options.beta1 * ((1.0 - c) * x + c * z) + (1.0 - options.beta1) * z - y;
            },
            parameters, average, target);
        return std::pair{changed, state_of(total, safe_increment(count), greatest, inner, target)};
    };
    return {"schedule_free", init, update};
}

Tree schedule_free_average(const Tree& state, const Tree& parameters, double beta1) {
    return zipped([&](const Tensor& y, const Tensor& z) { return (y - (1.0 - beta1) * z) / beta1; }, parameters,
                  state.subtree("target"));
}

GradientTransform schedule_free_sgd(const Schedule& learning_rate, const ScheduleFreeSgdOptions& options) {
    const auto base = chain(add_decayed_weights(options.weight_decay), sgd(learning_rate));
    return named("schedule_free_sgd", schedule_free(base, learning_rate, {.beta1 = options.beta1}));
}

GradientTransform schedule_free_adamw(const Schedule& learning_rate, const ScheduleFreeAdamwOptions& options) {
    const RmspropOptions second{
        .decay = options.beta2, .epsilon = options.epsilon, .epsilon_in_root = false, .bias_correction = true};
    const auto base =
        chain(scale_by_rms(second), add_decayed_weights(options.weight_decay), scale_by_learning_rate(learning_rate));
    return named("schedule_free_adamw", schedule_free(base, learning_rate, {.beta1 = options.beta1}));
}

}  // namespace podium::optim
