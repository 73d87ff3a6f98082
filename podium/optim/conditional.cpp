#include "podium/optim/conditional.h"

#include "podium/optim/moments.h"
#include "podium/optim/tree_lists.h"

namespace podium::optim {
namespace {

Tensor count_of(const Tensor& before, const Tensor& condition) {
    return select(condition, safe_increment(before), before);
}

GradientTransform at_steps(std::string name, const GradientTransform& inner, StepCondition condition,
                           bool others_are_zero) {
    const auto init = [inner](const Tree& parameters) {
        return TreeBuilder<Tensor>()
            .add("inner", inner.init(parameters))
            .add("step", zeros({}, DataType::INT32))
            .build();
    };
    const auto update = [name, inner, condition = std::move(condition), others_are_zero](
                            const Tree& updates, const Tree& state, const Tree& parameters, const StepLoss& loss) {
        expect_same_paths(name, updates, parameters);
        const Tensor& step = state["step"];
        const auto [changed, next] = updated_if(condition(step), inner, updates, state.subtree("inner"), parameters,
                                                loss, others_are_zero ? updates.map(zeros_like) : updates);
        return std::pair{changed, TreeBuilder<Tensor>().add("inner", next).add("step", safe_increment(step)).build()};
    };
    return {std::move(name), init, update};
}

}  // namespace

Tensor skip_not_finite(const Tree& updates) {
    Tensor found = scalar_of(DataType::BOOL, false);
    for (const auto& leaf : updates.leaves()) found = found | any(logical_not(is_finite(leaf)));
    return found;
}

ShouldSkip skip_large_updates(double max_squared_norm) {
    return [=](const Tree& updates) { return logical_not(square(global_norm(updates)) < max_squared_norm); };
}

GradientTransform apply_if_finite(const GradientTransform& inner, std::int64_t max_consecutive_errors) {
    const auto init = [inner](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        state.add("inner", inner.init(parameters));
        return state.add("consecutive", zeros({}, DataType::INT32)).add("total", zeros({}, DataType::INT32)).build();
    };
    const auto update = [inner, max_consecutive_errors](const Tree& updates, const Tree& state, const Tree& parameters,
                                                        const StepLoss& loss) {
        expect_same_paths("apply_if_finite", updates, parameters);
        const Tensor wrong = skip_not_finite(updates);
        const Tensor consecutive = select(wrong, safe_increment(state["consecutive"]), 0);
        const Tensor takes = logical_not(wrong) | (consecutive > max_consecutive_errors);
        const auto [changed, next] =
            updated_if(takes, inner, updates, state.subtree("inner"), parameters, loss, updates.map(zeros_like));
        TreeBuilder<Tensor> new_state;
        new_state.add("inner", next).add("consecutive", consecutive);
        return std::pair{changed, new_state.add("total", count_of(state["total"], wrong)).build()};
    };
    return {"apply_if_finite", init, update};
}

GradientTransform skip_updates(const GradientTransform& inner, ShouldSkip should_skip) {
    const auto init = [inner](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        return state.add("inner", inner.init(parameters)).add("skipped", zeros({}, DataType::INT32)).build();
    };
    const auto update = [inner, should_skip = std::move(should_skip)](const Tree& updates, const Tree& state,
                                                                      const Tree& parameters, const StepLoss& loss) {
        expect_same_paths("skip_updates", updates, parameters);
        const Tensor skips = should_skip(updates);
        const auto [changed, next] = updated_if(logical_not(skips), inner, updates, state.subtree("inner"), parameters,
                                                loss, updates.map(zeros_like));
        TreeBuilder<Tensor> new_state;
        return std::pair{changed,
                         new_state.add("inner", next).add("skipped", count_of(state["skipped"], skips)).build()};
    };
    return {"skip_updates", init, update};
}

GradientTransform skip_spikes(const GradientTransform& inner, const SpikeOptions& options) {
    if (!(options.factor > 1.0))
        fail(Code::INVALID_ARGUMENT, "skip_spikes: the factor is {}; give more than 1", options.factor);
    const auto init = [inner](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        state.add("inner", inner.init(parameters)).add("mean", zeros({})).add("count", zeros({}, DataType::INT32));
        return state.add("skipped", zeros({}, DataType::INT32)).build();
    };
    const auto update = [inner, options](const Tree& updates, const Tree& state, const Tree& parameters,
                                         const StepLoss& loss) {
        expect_same_paths("skip_spikes", updates, parameters);
        const Tensor &mean = state["mean"], &count = state["count"];
        const Tensor norm = convert(global_norm(updates), mean.type());
        const Tensor weight = 1.0 - power(options.decay, convert(count, mean.type()));
        const Tensor spikes = (count >= options.first_steps) & (norm > options.factor * mean / weight);
        const Tensor skips = spikes | logical_not(is_finite(norm));
        const auto [changed, next] = updated_if(logical_not(skips), inner, updates, state.subtree("inner"), parameters,
                                                loss, updates.map(zeros_like));
        TreeBuilder<Tensor> new_state;
        new_state.add("inner", next).add("mean", select(skips, mean, moved(mean, options.decay, norm)));
        new_state.add("count", select(skips, count, safe_increment(count)));
        return std::pair{changed, new_state.add("skipped", count_of(state["skipped"], skips)).build()};
    };
    return {"skip_spikes", init, update};
}

GradientTransform conditionally_transform(const GradientTransform& inner, StepCondition condition) {
    return at_steps("conditionally_transform", inner, std::move(condition), false);
}

GradientTransform conditionally_mask(const GradientTransform& inner, StepCondition condition) {
    return at_steps("conditionally_mask", inner, std::move(condition), true);
}

}  // namespace podium::optim
