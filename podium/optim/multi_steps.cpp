#include "podium/optim/multi_steps.h"

#include <limits>

#include "podium/optim/tree_lists.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

DataType accumulator_type(const Tensor& parameter) {
    return parameter.type() == DataType::FLOAT64 ? DataType::FLOAT64 : DataType::FLOAT32;
}

Tree converted(const Tree& tree, const Tree& like) {
    Tensors leaves;
    for (std::size_t i = 0; i < tree.size(); ++i) leaves.push_back(convert(tree.leaves()[i], like.leaves()[i].type()));
    return {tree.paths(), std::move(leaves)};
}

}  // namespace

GradientTransform multi_steps(GradientTransform inner, std::int64_t steps) {
    if (steps < 1 || steps > std::numeric_limits<std::int32_t>::max())
        fail(Code::INVALID_ARGUMENT, "multi_steps: {} steps were asked for; it needs at least one", steps);
    const auto init = [inner](const Tree& parameters) {
        const auto zero = [](const Tensor& p) { return zeros(p.dims(), accumulator_type(p)); };
        TreeBuilder<Tensor> state;
        state.add("mini_step", zeros({}, DataType::INT32)).add("gradient_step", zeros({}, DataType::INT32));
        state.add("inner", inner.init(parameters)).add("accumulated", parameters.map(zero));
        return state.build();
    };
    const auto update = [inner, steps](const Tree& updates, const Tree& state, const Tree& parameters,
                                       const StepLoss& loss) {
        expect_same_paths("multi_steps", updates, parameters);
        const Tensor &mini_step = state["mini_step"], &gradient_step = state["gradient_step"];
        const Tree inner_state = state.subtree("inner");
        Tree mean = in_order(state.subtree("accumulated"), updates);
        for (std::size_t i = 0; i < mean.size(); ++i) {
            Tensor& leaf = mean.leaves()[i];
            const DataType type = leaf.type();
            leaf = leaf + (convert(updates.leaves()[i], type) - leaf) / convert(mini_step + 1, type);
        }
        const auto emit = [&](const Tensors& operands) {
            Unpacker unpacker(operands);
            const Tree sum = unpacker.take(mean), slots = unpacker.take(inner_state),
                       current = unpacker.take(parameters);
            const auto [changed, next] = inner.update(converted(sum, updates), slots, current, loss);
            return joined({changed, in_order(next, inner_state), sum.map(zeros_like)});
        };
        const auto wait = [&](const Tensors& operands) {
            Unpacker unpacker(operands);
            const Tree sum = unpacker.take(mean), slots = unpacker.take(inner_state);
            return joined({updates.map(zeros_like), slots, sum});
        };
        const Tensor last = equal(mini_step, steps - 1);
        const Tensors results = cond(last, emit, wait, joined({mean, inner_state, parameters}));
        Unpacker unpacker(results);
        const Tree changed = unpacker.take(updates), next = unpacker.take(inner_state), sum = unpacker.take(mean);
        TreeBuilder<Tensor> new_state;
        new_state.add("mini_step", select(last, zeros({}, DataType::INT32), mini_step + 1));
        new_state.add("gradient_step", select(last, safe_increment(gradient_step), gradient_step));
        new_state.add("inner", next).add("accumulated", sum);
        return std::pair{changed, new_state.build()};
    };
    return {"multi_steps", init, update};
}

}  // namespace podium::optim
