#include "podium/optim/lookahead.h"

#include "podium/optim/tree_math.h"

namespace podium::optim {

GradientTransform lookahead(const GradientTransform& inner, const LookaheadOptions& options) {
    if (options.every < 1)
        fail(Code::INVALID_ARGUMENT, "lookahead: every {} steps were asked for; give at least 1", options.every);
    if (!(options.step > 0.0 && options.step <= 1.0))
        fail(Code::INVALID_ARGUMENT, "lookahead: the step is {}; give more than 0 and at most 1", options.step);
    const auto init = [inner](const Tree& parameters) {
        TreeBuilder<Tensor> state;
        state.add("inner", inner.init(parameters)).add("count", zeros({}, DataType::INT32));
        return state.add("slow", parameters).build();
    };
    const auto update = [inner, options](const Tree& updates, const Tree& state, const Tree& parameters,
                                         const StepLoss& loss) {
        expect_same_paths("lookahead", updates, parameters);
        const Tree inner_state = state.subtree("inner"), slow = in_order(state.subtree("slow"), parameters);
        const Tensor last = equal(state["count"], options.every - 1);
        auto [fast, next] = inner.update(updates, inner_state, parameters, loss);
        Tree changed = fast, moved = slow;
        for (std::size_t i = 0; i < fast.size(); ++i) {
            const Tensor &parameter = parameters.leaves()[i], &before = slow.leaves()[i], &step = fast.leaves()[i];
            const Tensor way = parameter + convert(step, parameter.type()) - before;
            moved.leaves()[i] = select(last, before + options.step * way, before);
            changed.leaves()[i] = select(last, step - (1.0 - options.step) * convert(way, step.type()), step);
        }
        if (options.reset_state) {
            const Tree first = in_order(inner.init(parameters), next);
            next = zipped([&](const Tensor& x, const Tensor& y) { return select(last, y, x); }, next, first);
        }
        TreeBuilder<Tensor> new_state;
        new_state.add("inner", next).add("count", select(last, 0, state["count"] + 1)).add("slow", moved);
        return std::pair{std::move(changed), new_state.build()};
    };
    return {"lookahead", init, update};
}

}  // namespace podium::optim
