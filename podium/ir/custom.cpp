#include "podium/ir/custom.h"

#include "podium/ir/creation.h"
#include "podium/ir/custom_operator.h"
#include "podium/ir/reduction.h"
#include "podium/ir/regions.h"

namespace podium {
namespace {

using namespace regions;

/// A custom_vjp node: operands are the caller's, then what any of its three functions captured. Region 0 is f, region 1
/// gives f's results and the residuals, region 2 maps (residuals, cotangents, captures) to cotangents. KEEPS says that
/// the node runs region 1 and has the residuals as results.
enum : std::size_t { GIVEN, RESULTS, RESIDUALS, KEEPS };

struct CustomVjp {
    explicit CustomVjp(const Node& node)
        : given(count(node, GIVEN)),
          results(count(node, RESULTS)),
          residuals(count(node, RESIDUALS)),
          keeps(count(node, KEEPS) != 0) {}
    static std::size_t count(const Node& node, std::size_t which) {
        return static_cast<std::size_t>(node.attributes[0][which]);
    }
    std::size_t given, results, residuals;
    bool keeps;
};

/// Returns the closed functions as regions that each take, behind their own parameters, what any of them captured; adds
/// that to `operands`.
std::vector<GraphPtr> shared_captures(const std::vector<Closed>& functions, Tensors& operands) {
    const TraceScope scope;
    std::vector<GraphPtr> regions;
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const Tensors& parameters = functions[i].graph->parameters;
        const auto own = parameters.size() - functions[i].captures.size();
        auto graph = std::make_shared<Graph>(*functions[i].graph);
        graph->parameters = part(parameters, 0, own);
        for (std::size_t j = 0; j < functions.size(); ++j)
            for (std::size_t k = 0; k < functions[j].captures.size(); ++k)
                graph->parameters.push_back(i == j ? parameters[own + k]
                                                   : scope.parameter(functions[j].captures[k].shape()));
        regions.push_back(std::move(graph));
        append(operands, functions[i].captures);
    }
    return regions;
}

Tensors zeros_of(const std::vector<Shape>& shapes) {
    Tensors all;
    for (const auto& shape : shapes) all.push_back(zeros(shape.dims, shape.type));
    return all;
}

/// Throws SHAPE_MISMATCH unless the tensors have those shapes.
void expect_shapes(std::string_view what, std::span<const Tensor> found, const std::vector<Shape>& expected,
                   const Location& location) {
    if (found.size() != expected.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{} returned {} tensors, {} are needed", what, found.size(), expected.size()));
    for (std::size_t i = 0; i < found.size(); ++i)
        if (!(found[i].shape() == expected[i]))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("{} returned {} as tensor {}, {} is needed", what, to_string(found[i].shape()), i,
                                to_string(expected[i])));
}

Tensor record_custom_vjp(const Node& node, Tensors operands, std::vector<GraphPtr> regions, bool keeps) {
    const CustomVjp view(node);
    const GraphPtr& run = regions[keeps ? 1 : 0];
    return record({.op = rows::custom_vjp,
                   .operands = std::move(operands),
                   .attributes = {{static_cast<std::int64_t>(view.given), static_cast<std::int64_t>(view.results),
                                   static_cast<std::int64_t>(view.residuals), keeps ? 1 : 0}},
                   .location = node.location,
                   .regions = regions,
                   .results = shapes_of(run->results)});
}

Tensor projection(const Tensor& all, std::size_t i) {
    return record({.op = rows::result,
                   .shape = all->results[i],
                   .operands = {all},
                   .attributes = {{static_cast<std::int64_t>(i)}},
                   .location = all->location});
}

Tensors custom_vjp_vjp(const VjpArguments& v) {
    const CustomVjp view(v.node);
    Tensors arguments;
    for (std::size_t i = 0; i < view.residuals; ++i) arguments.push_back(projection(v.result, view.results + i));
    for (std::size_t i = 0; i < view.results; ++i) arguments.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    append(arguments, v.operands.subspan(view.given));
    Tensors gradients = inline_graph(*v.node.regions[2], arguments);
    gradients.resize(v.operands.size());
    for (std::size_t i = 0; i < view.given; ++i)
        if (!is_inexact(v.operands[i].type())) gradients[i] = {};
    return gradients;
}

Tensors custom_vjp_jvp(const JvpArguments& v) {
    const CustomVjp view(v.node);
    const Tensors operands(v.operands.begin(), v.operands.end());
    const Tensors tangents(v.tangents.begin(), v.tangents.end());
    Tensors values, found;
    if (view.keeps) {  // the residuals need tangents too: those of what computes them
        std::vector<bool> flows;
        for (const auto& tangent : tangents) flows.push_back(tangent.defined());
        const auto wanted = reached(*v.node.regions[1], flows);
        values = push_graph(*v.node.regions[1], operands, tangents, wanted);
        auto next = wanted.size();
        for (const bool flow : wanted) found.push_back(flow ? values[next++] : Tensor());
        values.resize(wanted.size());
    } else {
        const Tensor keeping = record_custom_vjp(v.node, operands, v.node.regions, true);
        found = transposed_vjp(keeping, tangents);
        for (std::size_t i = 0; i < view.results; ++i) values.push_back(projection(keeping, i));
        found.resize(view.results);
    }
    append(values, found);
    return values;
}

Tensors custom_vjp_vmap(const VmapArguments& v) {
    const CustomVjp view(v.node);
    const auto flags = [](const Graph& graph) { return std::vector<bool>(graph.results.size(), true); };
    std::vector<GraphPtr> regions;
    for (const std::size_t i : {0, 1})
        regions.push_back(batched_graph(*v.node.regions[i], v.mapped, flags(*v.node.regions[i]), v.size));
    std::vector<bool> backward(view.residuals + view.results, true);
    backward.insert(backward.end(), v.mapped.begin() + static_cast<std::ptrdiff_t>(view.given), v.mapped.end());
    auto last =
        std::make_shared<Graph>(*batched_graph(*v.node.regions[2], backward, flags(*v.node.regions[2]), v.size));
    for (std::size_t i = 0; i < view.given; ++i)  // what all examples share has the sum of their cotangents
        if (!v.mapped[i]) last->results[i] = sum(last->results[i], {0});
    regions.push_back(std::move(last));
    const Tensor all =
        record_custom_vjp(v.node, {v.operands.begin(), v.operands.end()}, std::move(regions), view.keeps);
    Tensors results;
    for (std::size_t i = 0; i < all->results.size(); ++i) results.push_back(projection(all, i));
    return results;
}

Tensors custom_jvp_jvp(const JvpArguments& v) {
    const auto given = static_cast<std::size_t>(v.node.integer(0));
    Tensors arguments = part(v.operands, 0, given);
    for (std::size_t i = 0; i < given; ++i) arguments.push_back(or_zeros(v.tangents[i], v.operands[i].shape()));
    append(arguments, v.operands.subspan(given));
    return inline_graph(*v.node.regions[1], arguments);
}

Tensors custom_jvp_vjp(const VjpArguments& v) {
    const auto given = static_cast<std::size_t>(v.node.integer(0));
    Tensors arguments = part(v.operands, 0, given), directions;  // where the linear function is transposed
    for (std::size_t i = 0; i < given; ++i) directions.push_back(zeros_like(v.operands[i]));
    append(arguments, directions);
    append(arguments, v.operands.subspan(given));
    Tensors gradients =
        pullback(inline_graph(*v.node.regions[1], arguments), {v.cotangents.begin(), v.cotangents.end()}, directions)
            .gradients;
    gradients.resize(v.operands.size());
    return gradients;
}

Tensors custom_jvp_vmap(const VmapArguments& v) {
    const auto given = static_cast<std::ptrdiff_t>(v.node.integer(0));
    std::vector<bool> with_tangents(v.mapped.begin(), v.mapped.begin() + given);
    with_tangents.insert(with_tangents.end(), v.mapped.begin(), v.mapped.end());
    const std::vector<bool> all(v.node.results.size(), true);
    return record_all({.op = rows::custom_jvp,
                       .operands = {v.operands.begin(), v.operands.end()},
                       .attributes = v.node.attributes,
                       .location = v.node.location,
                       .regions = {batched_graph(*v.node.regions[0], v.mapped, all, v.size),
                                   batched_graph(*v.node.regions[1], with_tangents, all, v.size)},
                       .results = mapped_shapes(v)});
}

}  // namespace

namespace rows {

constinit const Op custom_vjp{
    .name = "custom_vjp",
    .spec = "podium: a function with a backward pass of its own",
    .kind = Kind::COMPOSITE,
    .types = Types::ANY,
    .expand =
        [](const Node& node) { return inline_graph(*node.regions[CustomVjp(node).keeps ? 1 : 0], node.operands); },
    .augment = [](const Node& node) { return record_custom_vjp(node, node.operands, node.regions, true); },
    .vjp = custom_vjp_vjp,
    .jvp = custom_vjp_jvp,
    .vmap = custom_vjp_vmap};
constinit const Op custom_jvp{.name = "custom_jvp",
                              .spec = "podium: a function with derivatives of its own",
                              .kind = Kind::COMPOSITE,
                              .types = Types::ANY,
                              .expand = [](const Node& node) { return inline_graph(*node.regions[0], node.operands); },
                              .vjp = custom_jvp_vjp,
                              .jvp = custom_jvp_jvp,
                              .vmap = custom_jvp_vmap};

}  // namespace rows

Tensors custom_vjp_list(const TensorFunction& f, const TensorFunction& forward, const TensorFunction& backward,
                        const Tensors& operands, Location location) {
    const Closed value = trace_region(f, operands), keeping = trace_region(forward, operands);
    const auto results = shapes_of(value.graph->results), kept = shapes_of(keeping.graph->results);
    if (kept.size() < results.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("custom_vjp: forward returned {} tensors, f's {} results come first", kept.size(),
                            results.size()));
    expect_shapes("custom_vjp: forward", part(keeping.graph->results, 0, results.size()), results, location);
    std::vector<Shape> inputs(kept.begin() + static_cast<std::ptrdiff_t>(results.size()), kept.end());
    inputs.insert(inputs.end(), results.begin(), results.end());
    const Closed back = trace_region(backward, zeros_of(inputs));
    expect_shapes("custom_vjp: backward", back.graph->results, shapes_of(operands), location);
    Tensors all = operands;
    auto regions = shared_captures({value, keeping, back}, all);
    return record_all(
        {.op = rows::custom_vjp,
         .operands = std::move(all),
         .attributes = {{static_cast<std::int64_t>(operands.size()), static_cast<std::int64_t>(results.size()),
                         static_cast<std::int64_t>(kept.size() - results.size()), 0}},
         .location = location,
         .regions = std::move(regions),
         .results = results});
}

Tensors custom_jvp_list(const TensorFunction& f, const TensorFunction& tangents, const Tensors& operands,
                        Location location) {
    const Closed value = trace_region(f, operands);
    Tensors both = operands;
    append(both, operands);
    const Closed derivative = trace_region(tangents, both);
    const auto results = shapes_of(value.graph->results);
    expect_shapes("custom_jvp: the rule", derivative.graph->results, results, location);
    Tensors all = operands;
    auto regions = shared_captures({value, derivative}, all);
    return record_all({.op = rows::custom_jvp,
                       .operands = std::move(all),
                       .attributes = {{static_cast<std::int64_t>(operands.size())}},
                       .location = location,
                       .regions = std::move(regions),
                       .results = results});
}

std::span<const Op* const> custom_ops() {
    static constexpr std::array ROWS{&rows::custom_vjp, &rows::custom_jvp, &rows::custom_operator};
    return ROWS;
}

}  // namespace podium
