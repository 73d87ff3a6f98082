#include "podium/ir/control.h"

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/regions.h"

namespace podium {
namespace {

using namespace regions;

std::vector<HostArray> run_remaining(const Evaluation& e, std::size_t region, std::size_t first) {
    return e.run(*e.node.regions[region], e.operands.subspan(first));
}

/// Returns the results of the branch that `selector` names, an index or a truth value, by the row `op`.
Tensors choice(const Op& op, const Tensor& selector, const std::vector<TensorFunction>& branches,
               const Tensors& operands, const Location& location);

/// The gradient of a choice is the choice among the branches' gradients; the branch runs again for what it needs.
Tensors case_vjp(const VjpArguments& v) {
    const Tensors inputs(v.operands.begin() + 1, v.operands.end());
    Tensors cotangents;
    for (std::size_t i = 0; i < v.cotangents.size(); ++i)
        if (is_inexact(v.node.results[i].type)) cotangents.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    std::vector<TensorFunction> branches;
    branches.reserve(v.node.regions.size());
    for (const auto& region : v.node.regions)
        branches.emplace_back([&, region](const Tensors& arguments) {
            const Tensors again(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
            Tensors given(v.cotangents.size());
            auto next = inputs.size();
            for (std::size_t i = 0; i < given.size(); ++i)
                if (is_inexact(v.node.results[i].type)) given[i] = arguments[next++];
            const Tensors gradients = pullback(inline_graph(*region, again), given, again).gradients;
            Tensors flowing;
            for (std::size_t i = 0; i < again.size(); ++i)
                if (is_inexact(again[i].type())) flowing.push_back(or_zeros(gradients[i], again[i].shape()));
            return flowing;
        });
    const Tensors flowing = choice(*v.node.op, v.operands[0], branches, concat(inputs, cotangents), v.node.location);
    Tensors gradients(v.operands.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (is_inexact(inputs[i].type())) gradients[i + 1] = flowing[next++];
    return gradients;
}

Tensors case_jvp(const JvpArguments& v) {
    const Tensors operands(v.operands.begin() + 1, v.operands.end());
    const auto flows = defined(v.tangents.subspan(1));
    std::vector<bool> wanted(v.node.results.size(), false);
    for (const auto& region : v.node.regions) {
        const auto found = reached(*region, flows);
        for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] || found[i];
    }
    std::vector<TensorFunction> branches;
    branches.reserve(v.node.regions.size());
    for (const auto& region : v.node.regions)
        branches.emplace_back([&, region](const Tensors& in) { return pushed_region(*region, in, flows, wanted); });
    const Tensors all = choice(*v.node.op, v.operands[0], branches,
                               concat(operands, marked(v.tangents.subspan(1), flows)), v.node.location);
    return results_and_tangents(all, wanted);
}

/// Where the index differs by example, every branch runs on all of them and each example takes its own.
Tensors case_vmap(const VmapArguments& v) {
    const std::vector<bool> mapped(v.mapped.begin() + 1, v.mapped.end());
    const Tensors operands(v.operands.begin() + 1, v.operands.end());
    std::vector<GraphPtr> regions;
    regions.reserve(v.node.regions.size());
    for (const auto& region : v.node.regions)
        regions.push_back(batched_graph(*region, mapped, all_of(*region), v.size));
    if (!v.mapped[0])
        return record_all({.op = *v.node.op,
                           .operands = {v.operands.begin(), v.operands.end()},
                           .location = v.node.location,
                           .regions = std::move(regions),
                           .results = mapped_shapes(v)});
    const auto last = static_cast<std::int32_t>(regions.size()) - 1;
    const bool is_if = v.node.op == &rows::if_else;
    const Tensor given = is_if ? select(v.operands[0], 0, ones({v.size}, DataType::INT32)) : v.operands[0];
    const Tensor index = select(logical_or(given<0, given> last), last, given);
    Tensors results;
    for (std::int32_t branch = 0; branch <= last; ++branch) {
        const Tensors found = inline_graph(*regions[static_cast<std::size_t>(branch)], operands);
        if (branch == 0) {
            results = found;
            continue;
        }
        const Tensor taken = equal(index, branch);
        for (std::size_t i = 0; i < results.size(); ++i)
            results[i] = select(broadcast_in_dim(taken, results[i].dims(), {0}), found[i], results[i]);
    }
    return results;
}

}  // namespace

namespace rows {

constinit const Op conditional{.name = "case",
                               .spec = "StableHLO specification, case",
                               .stablehlo = "stablehlo.case",
                               .kind = Kind::STRUCTURAL,
                               .types = Types::ANY,
                               .evaluate =
                                   [](const Evaluation& e) {
                                       const auto index = static_cast<std::int64_t>(e.operands[0].as_double(0));
                                       const auto last = static_cast<std::int64_t>(e.node.regions.size()) - 1;
                                       return run_remaining(
                                           e, static_cast<std::size_t>(index < 0 || index > last ? last : index), 1);
                                   },
                               .vjp = case_vjp,
                               .jvp = case_jvp,
                               .vmap = case_vmap,
                               .captures_operands = true};
constinit const Op if_else{.name = "if",
                           .spec = "StableHLO specification, if",
                           .stablehlo = "stablehlo.if",
                           .kind = Kind::STRUCTURAL,
                           .types = Types::ANY,
                           .evaluate =
                               [](const Evaluation& e) {
                                   const bool holds = load(e.operands[0], 0) != Number(std::uint64_t{0});
                                   return run_remaining(e, holds ? 0 : 1, 1);
                               },
                           .vjp = case_vjp,
                           .jvp = case_jvp,
                           .vmap = case_vmap,
                           .captures_operands = true};
constinit const Op optimization_barrier{.name = "optimization_barrier",
                                        .spec = "StableHLO specification, optimization_barrier",
                                        .stablehlo = "stablehlo.optimization_barrier",
                                        .kind = Kind::STRUCTURAL,
                                        .types = Types::ANY,
                                        .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                            return {e.operands.begin(), e.operands.end()};
                                        },
                                        .vjp = [](const VjpArguments& v) -> Tensors {
                                            return {v.cotangents.begin(), v.cotangents.end()};
                                        },
                                        .vmap = map_alike};
constinit const Op check{
    .name = "check",
    .spec = "podium: the identity of its first operand, with a condition that checked programs test",
    .kind = Kind::COMPOSITE,
    .types = Types::ANY,
    .expand = [](const Node& node) -> Tensors { return {node.operands[0]}; },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {v.cotangent, {}};
    },
    .vmap = map_alike};
}  // namespace rows

namespace {

Tensors choice(const Op& op, const Tensor& selector, const std::vector<TensorFunction>& branches,
               const Tensors& operands, const Location& location) {
    std::vector<Closed> closed;
    closed.reserve(branches.size());
    for (const auto& branch : branches) closed.push_back(trace_region(branch, operands));
    const TraceScope scope;
    Tensors inputs = concat({selector}, operands);
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
    std::vector<Shape> shapes = shapes_of(closed[0].graph->results);
    return record_all({.op = op,
                       .shape = {},
                       .operands = std::move(inputs),
                       .location = location,
                       .regions = std::move(regions),
                       .results = std::move(shapes)});
}

}  // namespace

Tensors switch_case(const Tensor& index, const std::vector<TensorFunction>& branches, const Tensors& operands,
                    Location location) {
    if (!(index.shape() == Shape(DataType::INT32, {})))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("switch_case: the index must be i32[], got {}", to_string(index.shape())));
    if (branches.empty()) fail_at(Code::INVALID_ARGUMENT, location, "switch_case: no branches were given");
    return choice(rows::conditional, index, branches, operands, location);
}

Tensors cond(const Tensor& predicate, const TensorFunction& if_true, const TensorFunction& if_false,
             const Tensors& operands, Location location) {
    if (!(predicate.shape() == Shape(DataType::BOOL, {})))
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("cond: the predicate must be bool[], got {}", to_string(predicate.shape())));
    return choice(rows::if_else, predicate, {if_true, if_false}, operands, location);
}

Tensors optimization_barrier(const Tensors& operands, Location location) {
    std::vector<Shape> shapes = shapes_of(operands);
    return record_all({.op = rows::optimization_barrier,
                       .shape = {},
                       .operands = operands,
                       .location = location,
                       .results = std::move(shapes)});
}

Tensor check(const Operand& x, const Operand& condition, std::string message) {
    const Tensor &tensor = x.tensor(), &holds = condition.tensor();
    if (holds.type() != DataType::BOOL)
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("check: the condition must be bool, got {}", to_string(holds.shape())));
    return record({.op = rows::check,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor, holds},
                   .location = x.location(),
                   .label = std::move(message)});
}

std::span<const Op* const> control_ops() {
    static constexpr std::array ROWS{&rows::while_loop, &rows::conditional, &rows::optimization_barrier,
                                     &rows::scan,       &rows::hold,        &rows::remat,
                                     &rows::named,      &rows::stored,      &rows::if_else,
                                     &rows::check};
    return ROWS;
}

}  // namespace podium
