#include <algorithm>
#include <unordered_map>

#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/regions.h"

namespace podium {
namespace {

using namespace regions;

/// Attributes of a remat node: whether it keeps products; once its region gives what it keeps, how many results are
/// the function's own. Its label has the names that it keeps.
enum : std::size_t { KEEPS_DOTS, OWN_RESULTS };

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
    // What was kept takes the place of its value; its gradient flows through what is computed again.
    const Graph& region = *v.node.regions[0];
    std::unordered_map<const Node*, Tensor> replace;
    for (std::size_t i = 0; i < inputs.size(); ++i) replace.emplace(region.parameters[i].node().get(), again[i]);
    const auto own = v.node.attributes.size() > OWN_RESULTS ? static_cast<std::size_t>(v.node.integer(OWN_RESULTS))
                                                            : region.results.size();
    const Tensors kept(region.results.begin() + static_cast<std::ptrdiff_t>(own), region.results.end());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const Tensor value = substitute({&kept[i], 1}, replace)[0];
        const Tensor stored = record({.op = rows::result,
                                      .shape = value.shape(),
                                      .operands = {v.result},
                                      .attributes = {{static_cast<std::int64_t>(own + i)}},
                                      .location = v.node.location});
        replace.emplace(kept[i].node().get(), record({.op = rows::stored,
                                                      .shape = value.shape(),
                                                      .operands = {value, stored},
                                                      .location = v.node.location}));
    }
    const Tensors results = substitute(region.results, replace);
    return pullback(results, cotangents, again).gradients;
}

/// Adds what the policy keeps to the results of the region.
Tensor augment_remat(const Node& node) {
    const Graph& region = *node.regions[0];
    auto keeping = std::make_shared<Graph>(region);
    const bool dots = node.integer(KEEPS_DOTS) != 0;
    const std::string names = "," + node.label + ",";
    for (const auto& tensor : topological_tensors(region.results))
        if ((dots && tensor->op == &rows::dot_general) ||
            (tensor->op == &rows::named && names.find("," + tensor->label + ",") != names.npos))
            keeping->results.push_back(tensor);
    if (keeping->results.size() == region.results.size()) return {};
    std::vector<Shape> shapes = shapes_of(keeping->results);
    return record({.op = rows::remat,
                   .operands = node.operands,
                   .attributes = {{dots ? 1 : 0}, {static_cast<std::int64_t>(region.results.size())}},
                   .location = node.location,
                   .regions = {std::move(keeping)},
                   .results = std::move(shapes),
                   .label = node.label});
}

RematPolicy policy_of(const Node& remat) {
    RematPolicy policy{.dots = remat.integer(KEEPS_DOTS) != 0};
    for (std::size_t from = 0; from < remat.label.size();) {
        const auto end = std::min(remat.label.find(',', from), remat.label.size());
        policy.names.push_back(remat.label.substr(from, end - from));
        from = end + 1;
    }
    return policy;
}

Tensors remat_jvp(const JvpArguments& v) {
    const Graph& region = *v.node.regions[0];
    const auto flows = defined(v.tangents), wanted = reached(region, flows);
    const Tensors operands(v.operands.begin(), v.operands.end());
    const Tensors all = remat_list([&](const Tensors& in) { return pushed_region(region, in, flows, wanted); },
                                   concat(operands, marked(v.tangents, flows)), v.node.location, policy_of(v.node));
    return results_and_tangents(all, wanted);
}

Tensors remat_vmap(const VmapArguments& v) {
    return record_all({.op = *v.node.op,
                       .operands = {v.operands.begin(), v.operands.end()},
                       .attributes = v.node.attributes,
                       .location = v.node.location,
                       .regions = {batched_graph(*v.node.regions[0], v.mapped, all_of(*v.node.regions[0]), v.size)},
                       .results = mapped_shapes(v)});
}

}  // namespace

namespace rows {

constinit const Op hold{
    .name = "hold",
    .spec = "podium: an optimization_barrier whose first operands wait for the others",
    .kind = Kind::COMPOSITE,
    .types = Types::ANY,
    .expand = [](const Node& node) { return podium::optimization_barrier(node.operands, node.location); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {v.cotangents.begin(), v.cotangents.end()};
    },
    .jvp = [](const JvpArguments& v) -> Tensors {
        return {v.tangents.begin(), v.tangents.end()};
    },
    .vmap = map_alike};

constinit const Op remat{.name = "remat",
                         .spec = "podium: a function whose backward pass computes it again",
                         .kind = Kind::COMPOSITE,
                         .types = Types::ANY,
                         .expand = [](const Node& node) { return inline_graph(*node.regions[0], node.operands); },
                         .augment = augment_remat,
                         .vjp = remat_vjp,
                         .jvp = remat_jvp,
                         .vmap = remat_vmap};

constinit const Op named{.name = "named",
                         .spec = "podium: the identity, with a name that policies of remat know",
                         .kind = Kind::COMPOSITE,
                         .types = Types::ANY,
                         .expand = [](const Node& node) -> Tensors { return {node.operands[0]}; },
                         .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent}; },
                         .vmap = map_alike};

constinit const Op stored{.name = "stored",
                          .spec = "podium: the value of its second operand, with the gradient of its first",
                          .kind = Kind::COMPOSITE,
                          .types = Types::ANY,
                          .expand = [](const Node& node) -> Tensors { return {node.operands[1]}; },
                          .vjp = [](const VjpArguments& v) -> Tensors {
                              return {v.cotangent, {}};
                          }};

}  // namespace rows

Tensors hold_until(const Tensors& operands, const Tensors& signals, Location location) {
    Tensors all = concat(operands, signals);
    std::vector<Shape> shapes = shapes_of(all);
    return record_all({.op = rows::hold,
                       .shape = {},
                       .operands = std::move(all),
                       .attributes = {{static_cast<std::int64_t>(operands.size())}},
                       .location = location,
                       .results = std::move(shapes)});
}

Tensor named(const Operand& x, std::string name) {
    const Tensor& tensor = x.tensor();
    return record({.op = rows::named,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor},
                   .location = x.location(),
                   .label = std::move(name)});
}

Tensors remat_list(const TensorFunction& f, const Tensors& operands, Location location, const RematPolicy& policy) {
    if (policy.everything) return f(operands);
    const Closed closed = trace_region(f, operands);
    std::vector<Shape> shapes = shapes_of(closed.graph->results);
    return record_all({.op = rows::remat,
                       .shape = {},
                       .operands = concat(operands, closed.captures),
                       .attributes = {{policy.dots ? 1 : 0}},
                       .location = location,
                       .regions = {closed.graph},
                       .results = std::move(shapes),
                       .label = fmt::format("{}", fmt::join(policy.names, ","))});
}

}  // namespace podium
