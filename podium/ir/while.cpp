#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/regions.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

using namespace regions;

/// Returns the state after `count` (i32 scalar) runs of the loop's body.
Tensors stepped(const Graph& step, const Tensors& state, const Tensor& count, const Location& location) {
    Tensors from{zeros({}, DataType::INT32)};
    from.insert(from.end(), state.begin(), state.end());
    Tensors all = while_loop([&](const Tensors& now) -> Tensors { return {less(now[0], count)}; },
                             [&](const Tensors& now) {
                                 Tensors next = inline_graph(step, std::span(now).subspan(1));
                                 next.insert(next.begin(), now[0] + 1);
                                 return next;
                             },
                             from, location);
    all.erase(all.begin());
    return all;
}

/// A loop of unknown length keeps the state at CHECKPOINTS of its steps, evenly spread, and computes those between
/// again: memory does not grow with the length n, and the time beside it is that of about n * n / (2 * CHECKPOINTS)
/// steps.
Tensors while_vjp(const VjpArguments& v) {
    constexpr std::int32_t CHECKPOINTS = 64;
    const Graph &test = *v.node.regions[0], &step = *v.node.regions[1];
    const auto size = v.operands.size();
    const Location& where = v.node.location;
    const Tensors start(v.operands.begin(), v.operands.end());
    // What the body hands on as it is (captures, above all) is the same at every step.
    std::vector<bool> constant(size), flows(size);
    for (std::size_t i = 0; i < size; ++i) {
        constant[i] = step.results[i].node() == step.parameters[i].node();
        flows[i] = is_inexact(start[i].type());
    }
    const auto changing = [&](const Tensors& all) {
        Tensors found;
        for (std::size_t i = 0; i < size; ++i)
            if (!constant[i]) found.push_back(all[i]);
        return found;
    };
    const auto whole = [&](std::span<const Tensor> changed) {
        Tensors all = start;
        std::size_t next = 0;
        for (std::size_t i = 0; i < size; ++i)
            if (!constant[i]) all[i] = changed[next++];
        return all;
    };
    const auto with_index = [](const Tensor& index, const Tensors& state) {
        Tensors all{index};
        all.insert(all.end(), state.begin(), state.end());
        return all;
    };
    const auto behind_index = [](const Tensors& now) { return Tensors(now.begin() + 1, now.end()); };
    const Tensor zero = zeros({}, DataType::INT32);
    const Tensor count =
        while_loop([&](const Tensors& now) { return inline_graph(test, whole(std::span(now).subspan(1))); },
                   [&](const Tensors& now) {
                       return with_index(now[0] + 1, changing(inline_graph(step, whole(std::span(now).subspan(1)))));
                   },
                   with_index(zero, changing(start)), where)[0];
    const Tensor spacing = maximum(divide(count + (CHECKPOINTS - 1), CHECKPOINTS), 1);
    // Slot k of each buffer has the state before step k * spacing.
    Tensors first = changing(start);
    const auto kept = first.size();
    for (std::size_t i = 0; i < kept; ++i)
        first.push_back(zeros(mapped_shape(first[i].shape(), CHECKPOINTS).dims, first[i].type()));
    const Tensors filled = while_loop(
        [&](const Tensors& now) -> Tensors {
            return {logical_and(less(now[0], CHECKPOINTS), less(now[0] * spacing, count))};
        },
        [&](const Tensors& now) {
            const Tensors state(now.begin() + 1, now.begin() + 1 + static_cast<std::ptrdiff_t>(kept));
            Tensors next = changing(stepped(step, whole(state), minimum(spacing, count - now[0] * spacing), where));
            for (std::size_t i = 0; i < kept; ++i) {
                const Tensor& buffer = now[1 + kept + i];
                next.push_back(
                    dynamic_update_slice(buffer, expand_dims(state[i], 0), starts_at(now[0], buffer.rank())));
            }
            return with_index(now[0] + 1, next);
        },
        with_index(zero, first), where);
    const Tensors buffers(filled.begin() + 1 + static_cast<std::ptrdiff_t>(kept), filled.end());

    // Back through the steps: cotangents of the changing state, and sums for what stays.
    Tensors carried;
    for (std::size_t i = 0; i < size; ++i)
        if (flows[i]) carried.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    const Tensors back = while_loop(
        [&](const Tensors& now) -> Tensors { return {greater(now[0], 0)}; },
        [&](const Tensors& now) {
            const Tensor index = now[0] - 1, slot = divide(index, spacing);
            Tensors state;
            for (const auto& buffer : buffers) {
                Dims sizes = buffer.dims();
                sizes[0] = 1;
                state.push_back(squeeze(dynamic_slice(buffer, starts_at(slot, buffer.rank()), sizes), 0));
            }
            const Tensors at = stepped(step, whole(state), index - slot * spacing, where);
            Tensors inputs, cotangents(size);
            for (std::size_t i = 0, next = 1; i < size; ++i) {
                inputs.push_back(optimization_barrier({at[i]}, where)[0]);  // one node an input, whatever it is
                if (flows[i]) cotangents[i] = now[next++];
            }
            Tensors outputs = inline_graph(step, inputs), given = cotangents;
            for (std::size_t i = 0; i < size; ++i)
                if (constant[i]) given[i] = {};
            const Tensors gradients = pullback(outputs, given, inputs).gradients;
            Tensors next;
            for (std::size_t i = 0; i < size; ++i) {
                if (!flows[i]) continue;
                const Tensor gradient = or_zeros(gradients[i], start[i].shape());
                next.push_back(constant[i] ? cotangents[i] + gradient : gradient);
            }
            return with_index(index, next);
        },
        with_index(count, carried), where);
    return spread(behind_index(back), flows);
}

Tensors while_jvp(const JvpArguments& v) {
    const Graph &test = *v.node.regions[0], &step = *v.node.regions[1];
    auto flows = defined(v.tangents);
    for (bool grew = true; grew;) {
        grew = false;
        const auto found = reached(step, flows);
        for (std::size_t i = 0; i < flows.size(); ++i) {
            grew = grew || (found[i] && !flows[i]);
            flows[i] = flows[i] || found[i];
        }
    }
    Tensors state(v.operands.begin(), v.operands.end());
    const auto count = static_cast<std::ptrdiff_t>(state.size());
    for (std::size_t i = 0; i < flows.size(); ++i)
        if (flows[i]) state.push_back(or_zeros(v.tangents[i], v.operands[i].shape()));
    const Tensors all = while_loop(
        [&](const Tensors& now) { return inline_graph(test, std::span(now).first(static_cast<std::size_t>(count))); },
        [&](const Tensors& now) { return pushed_region(step, now, flows, flows); }, state, v.node.location);
    return results_and_tangents(all, flows);
}

/// Where the condition differs by example, the loop runs as long as one holds; the state of an example whose own does
/// not hold stays.
Tensors while_vmap(const VmapArguments& v) {
    const Graph &test = *v.node.regions[0], &step = *v.node.regions[1];
    std::vector<bool> mapped = v.mapped;
    bool by_example = false;
    for (bool grew = true; grew;) {
        grew = false;
        by_example = depends_on_mapped(test, mapped)[0];
        const auto found = depends_on_mapped(step, mapped);
        for (std::size_t i = 0; i < mapped.size(); ++i) {
            const bool now = mapped[i] || found[i] || by_example;
            grew = grew || now != mapped[i];
            mapped[i] = now;
        }
    }
    const GraphPtr each_test = batched_graph(test, mapped, {by_example}, v.size);
    const GraphPtr each_step = batched_graph(step, mapped, mapped, v.size);
    const auto holds = [&](const Tensors& now) { return inline_graph(*each_test, now)[0]; };
    Tensors state;
    for (std::size_t i = 0; i < mapped.size(); ++i) state.push_back(mapped[i] ? mapped_operand(v, i) : v.operands[i]);
    const auto next = [&](const Tensors& now) {
        Tensors found = inline_graph(*each_step, now);
        if (!by_example) return found;
        const Tensor running = holds(now);
        for (std::size_t i = 0; i < found.size(); ++i)
            found[i] = select(broadcast_in_dim(running, found[i].dims(), {0}), found[i], now[i]);
        return found;
    };
    Tensors results =
        while_loop([&](const Tensors& now) -> Tensors { return {by_example ? any(holds(now)) : holds(now)}; }, next,
                   state, v.node.location);
    for (std::size_t i = 0; i < results.size(); ++i)
        if (!mapped[i]) results[i] = repeated(results[i], v.size);
    return results;
}

}  // namespace

namespace rows {

constinit const Op while_loop{.name = "while",
                              .spec = "StableHLO specification, while",
                              .stablehlo = "stablehlo.while",
                              .kind = Kind::STRUCTURAL,
                              .types = Types::ANY,
                              .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                  std::vector<HostArray> state(e.operands.begin(), e.operands.end());
                                  while (load(e.run(*e.node.regions[0], state)[0], 0) != Number(std::uint64_t{0}))
                                      state = e.run(*e.node.regions[1], state);
                                  return state;
                              },
                              .vjp = while_vjp,
                              .jvp = while_jvp,
                              .vmap = while_vmap};

}  // namespace rows

Tensors while_loop(const TensorFunction& condition, const TensorFunction& body, const Tensors& state,
                   Location location) {
    const Closed test = trace_region(condition, state), step = trace_region(body, state);
    if (test.graph->results.size() != 1 || !(test.graph->results[0].shape() == Shape(DataType::BOOL, {})))
        fail_at(Code::SHAPE_MISMATCH, location, "while_loop: the condition must return one bool scalar");
    expect_same("while_loop", state, step.graph->results, location,
                "{} going in and {} coming out; the shapes must stay");
    // Both regions take the whole state and both sets of captures, which the body hands on unchanged.
    const TraceScope scope;
    for (const auto& capture : step.captures) test.graph->parameters.push_back(scope.parameter(capture.shape()));
    auto& parameters = step.graph->parameters;
    for (std::size_t i = 0; i < test.captures.size(); ++i)
        parameters.insert(parameters.begin() + static_cast<std::ptrdiff_t>(state.size() + i),
                          scope.parameter(test.captures[i].shape()));
    for (auto i = state.size(); i < parameters.size(); ++i) step.graph->results.push_back(parameters[i]);
    Tensors operands = concat(concat(state, test.captures), step.captures);
    std::vector<Shape> shapes = shapes_of(operands);
    Tensors results = record_all({.op = rows::while_loop,
                                  .shape = {},
                                  .operands = std::move(operands),
                                  .location = location,
                                  .regions = {test.graph, step.graph},
                                  .results = std::move(shapes)});
    results.resize(state.size());
    return results;
}

}  // namespace podium
