#include "podium/ir/control.h"

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

Tensors concat(Tensors first, const Tensors& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

std::vector<HostArray> run_remaining(const Evaluation& e, std::size_t region, std::size_t first) {
    return e.run(*e.node.regions[region], e.operands.subspan(first));
}

/// Throws SHAPE_MISMATCH unless the shapes are equal; `say` has places for both of a pair that differs.
void expect_same(const char* what, std::span<const Tensor> expected, std::span<const Tensor> found,
                 const Location& location, fmt::format_string<std::string, std::string> say) {
    if (expected.size() != found.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: {} tensors expected, {} returned", what, expected.size(), found.size()));
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (!(expected[i].shape() == found[i].shape()))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("{}: tensor {} is ", what, i) +
                        fmt::format(say, to_string(expected[i].shape()), to_string(found[i].shape())));
}

Tensors remat_vjp(const VjpArguments& v) {
    Tensors inputs(v.operands.begin(), v.operands.end());
    Tensors flowing;
    for (const auto& cotangent : v.cotangents)
        if (cotangent.defined()) flowing.push_back(cotangent);
    const Tensors held = hold_until(inputs, flowing, v.node.location);
    const Tensors again(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
    Tensors cotangents(v.cotangents.size());
    auto next = inputs.size();
    for (std::size_t i = 0; i < cotangents.size(); ++i)
        if (v.cotangents[i].defined()) cotangents[i] = held[next++];
    return pullback(inline_graph(*v.node.regions[0], again), cotangents, again).gradients;
}

/// The gradient of a choice is the choice among the branches' gradients; the branch runs again for what it needs.
Tensors case_vjp(const VjpArguments& v) {
    const Tensors inputs(v.operands.begin() + 1, v.operands.end());
    Tensors cotangents;
    for (std::size_t i = 0; i < v.cotangents.size(); ++i)
        if (is_float(v.node.results[i].type)) cotangents.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    std::vector<TensorFunction> branches;
    branches.reserve(v.node.regions.size());
    for (const auto& region : v.node.regions)
        branches.emplace_back([&, region](const Tensors& arguments) {
            const Tensors again(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
            Tensors given(v.cotangents.size());
            auto next = inputs.size();
            for (std::size_t i = 0; i < given.size(); ++i)
                if (is_float(v.node.results[i].type)) given[i] = arguments[next++];
            const Tensors gradients = pullback(inline_graph(*region, again), given, again).gradients;
            Tensors flowing;
            for (std::size_t i = 0; i < again.size(); ++i)
                if (is_float(again[i].type())) flowing.push_back(or_zeros(gradients[i], again[i].shape()));
            return flowing;
        });
    const Tensors flowing = switch_case(v.operands[0], branches, concat(inputs, cotangents), v.node.location);
    Tensors gradients(v.operands.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (is_float(inputs[i].type())) gradients[i + 1] = flowing[next++];
    return gradients;
}

}  // namespace

namespace rows {

constinit const Op while_loop{.name = "while",
                              .spec = "StableHLO specification, while",
                              .stablehlo = "stablehlo.while",
                              .kind = Kind::STRUCTURAL,
                              .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                  std::vector<HostArray> state(e.operands.begin(), e.operands.end());
                                  while (load(e.run(*e.node.regions[0], state)[0], 0) != Number(std::uint64_t{0}))
                                      state = e.run(*e.node.regions[1], state);
                                  return state;
                              },
                              .vjp = [](const VjpArguments& v) -> Tensors {
                                  fail_at(Code::UNIMPLEMENTED, v.node.location,
                                          "while_loop: a loop of unknown length keeps no history, so it has no "
                                          "gradient; use scan, or stop_gradient");
                              }};
constinit const Op conditional{.name = "case",
                               .spec = "StableHLO specification, case",
                               .stablehlo = "stablehlo.case",
                               .kind = Kind::STRUCTURAL,
                               .evaluate =
                                   [](const Evaluation& e) {
                                       const auto index = static_cast<std::int64_t>(e.operands[0].as_double(0));
                                       const auto last = static_cast<std::int64_t>(e.node.regions.size()) - 1;
                                       return run_remaining(
                                           e, static_cast<std::size_t>(index < 0 || index > last ? last : index), 1);
                                   },
                               .vjp = case_vjp,
                               .captures_operands = true};
constinit const Op optimization_barrier{.name = "optimization_barrier",
                                        .spec = "StableHLO specification, optimization_barrier",
                                        .stablehlo = "stablehlo.optimization_barrier",
                                        .kind = Kind::STRUCTURAL,
                                        .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                            return {e.operands.begin(), e.operands.end()};
                                        },
                                        .vjp = [](const VjpArguments& v) -> Tensors {
                                            return {v.cotangents.begin(), v.cotangents.end()};
                                        }};
constinit const Op hold{
    .name = "hold",
    .spec = "podium: an optimization_barrier whose first operands wait for the others",
    .kind = Kind::COMPOSITE,
    .expand = [](const Node& node) { return podium::optimization_barrier(node.operands, node.location); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {v.cotangents.begin(), v.cotangents.end()};
    }};
constinit const Op remat{.name = "remat",
                         .spec = "podium: a function whose backward pass computes it again",
                         .kind = Kind::COMPOSITE,
                         .expand = [](const Node& node) { return inline_graph(*node.regions[0], node.operands); },
                         .vjp = remat_vjp};
constinit const Op all_reduce{.name = "all_reduce",
                              .spec = "StableHLO specification, all_reduce, one input; of a per-device program",
                              .stablehlo = "stablehlo.all_reduce",
                              .kind = Kind::STRUCTURAL,
                              .attributes =
                                  [](const Node& n) {
                                      std::string groups;
                                      for (const auto& group : n.attributes)
                                          groups += (groups.empty() ? "[" : ", [") + join(group, ", ") + "]";
                                      return fmt::format("replica_groups = dense<[{}]> : tensor<{}x{}xi64>", groups,
                                                         n.attributes.size(), n.attributes[0].size());
                                  },
                              .vjp = [](const VjpArguments& v) -> Tensors {
                                  if (v.node.inner != &add)
                                      fail_at(Code::UNIMPLEMENTED, v.node.location,
                                              "all_reduce: only the sum has a gradient");
                                  return {podium::all_reduce(add, v.cotangent, v.node.attributes)};
                              }};

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
    std::vector<Shape> shapes;
    for (const auto& operand : operands) shapes.push_back(operand.shape());
    Tensors results = record_all({.op = rows::while_loop,
                                  .shape = {},
                                  .operands = std::move(operands),
                                  .location = location,
                                  .regions = {test.graph, step.graph},
                                  .results = std::move(shapes)});
    results.resize(state.size());
    return results;
}

Tensors switch_case(const Tensor& index, const std::vector<TensorFunction>& branches, const Tensors& operands,
                    Location location) {
    if (!(index.shape() == Shape(DataType::INT32, {})))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("switch_case: the index must be i32[], got {}", to_string(index.shape())));
    if (branches.empty()) fail_at(Code::INVALID_ARGUMENT, location, "switch_case: no branches were given");
    std::vector<Closed> closed;
    closed.reserve(branches.size());
    for (const auto& branch : branches) closed.push_back(trace_region(branch, operands));
    const TraceScope scope;
    Tensors inputs = concat({index}, operands);
    std::vector<GraphPtr> regions;
    for (std::size_t i = 0; i < closed.size(); ++i) {  // every branch takes every branch's captures
        if (i > 0)
            expect_same("switch_case", closed[0].graph->results, closed[i].graph->results, location,
                        "{} in one branch and {} in another; they must be the same");
        Tensors parameters(closed[i].graph->parameters.begin(),
                           closed[i].graph->parameters.begin() + static_cast<std::ptrdiff_t>(operands.size()));
        for (std::size_t j = 0; j < closed.size(); ++j)
            for (std::size_t k = 0; k < closed[j].captures.size(); ++k)
                parameters.push_back(i == j ? closed[i].graph->parameters[operands.size() + k]
                                            : scope.parameter(closed[j].captures[k].shape()));
        inputs = concat(std::move(inputs), closed[i].captures);
        auto graph = std::make_shared<Graph>();
        graph->parameters = std::move(parameters);
        graph->results = closed[i].graph->results;
        regions.push_back(std::move(graph));
    }
    std::vector<Shape> shapes;
    for (const auto& result : closed[0].graph->results) shapes.push_back(result.shape());
    return record_all({.op = rows::conditional,
                       .shape = {},
                       .operands = std::move(inputs),
                       .location = location,
                       .regions = std::move(regions),
                       .results = std::move(shapes)});
}

Tensors cond(const Tensor& predicate, const TensorFunction& if_true, const TensorFunction& if_false,
             const Tensors& operands, Location location) {
    if (!(predicate.shape() == Shape(DataType::BOOL, {})))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("cond: the predicate must be bool[], got {}", to_string(predicate.shape())));
    return switch_case(convert(predicate, DataType::INT32), {if_false, if_true}, operands, location);
}

Tensors optimization_barrier(const Tensors& operands, Location location) {
    std::vector<Shape> shapes;
    for (const auto& operand : operands) shapes.push_back(operand.shape());
    return record_all({.op = rows::optimization_barrier,
                       .shape = {},
                       .operands = operands,
                       .location = location,
                       .results = std::move(shapes)});
}

Tensors hold_until(const Tensors& operands, const Tensors& signals, Location location) {
    Tensors all = concat(operands, signals);
    std::vector<Shape> shapes;
    for (const auto& operand : all) shapes.push_back(operand.shape());
    return record_all({.op = rows::hold,
                       .shape = {},
                       .operands = std::move(all),
                       .attributes = {{static_cast<std::int64_t>(operands.size())}},
                       .location = location,
                       .results = std::move(shapes)});
}

Tensors remat_list(const TensorFunction& f, const Tensors& operands, Location location) {
    const Closed closed = trace_region(f, operands);
    std::vector<Shape> shapes;
    for (const auto& result : closed.graph->results) shapes.push_back(result.shape());
    return record_all({.op = rows::remat,
                       .shape = {},
                       .operands = concat(operands, closed.captures),
                       .location = location,
                       .regions = {closed.graph},
                       .results = std::move(shapes)});
}

Tensor all_reduce(const Binary& combiner, const Operand& x, const std::vector<Dims>& groups) {
    if (groups.empty() || groups[0].empty())
        fail_at(Code::INVALID_ARGUMENT, x.location(), "all_reduce: no replica groups were given");
    return record({.op = rows::all_reduce,
                   .shape = x.tensor().shape(),
                   .operands = {x.tensor()},
                   .attributes = groups,
                   .location = x.location(),
                   .inner = &combiner});
}

std::span<const Op* const> control_ops() {
    static constexpr std::array ROWS{&rows::while_loop, &rows::conditional, &rows::optimization_barrier,
                                     &rows::scan,       &rows::hold,        &rows::remat,
                                     &rows::all_reduce};
    return ROWS;
}

}  // namespace podium
