#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/regions.h"
#include "podium/ir/slicing.h"

namespace podium {
namespace {

using namespace regions;

/// A scan node: operands are carries, stacks and captures; region 0 maps (carries, slices, captures) to (carries,
/// results). Once augmented, region 1 maps (cotangents of region 0's float results, residuals) to cotangents of its
/// float parameters, and each residual comes from a parameter of region 0 (`source` < its count) or from an extra
/// stacked result.
enum : std::size_t { COUNTS, RESIDUAL_SOURCES };
enum : std::size_t { CARRIES, STACKS, LENGTH, REVERSED };

struct View {
    explicit View(const Node& scan)
        : node(scan),
          carries(static_cast<std::size_t>(scan.attributes[COUNTS][CARRIES])),
          stacks(static_cast<std::size_t>(scan.attributes[COUNTS][STACKS])),
          length(scan.attributes[COUNTS][LENGTH]),
          reversed(scan.attributes[COUNTS][REVERSED] != 0) {}
    bool is_stack(std::size_t operand) const { return operand >= carries && operand < carries + stacks; }
    const Graph& body() const { return *node.regions[0]; }

    const Node& node;
    std::size_t carries, stacks;
    std::int64_t length;
    bool reversed;
};

Shape stacked(const Shape& slice, std::int64_t length) {
    Shape shape(slice.type, slice.dims);
    shape.dims.insert(shape.dims.begin(), length);
    return shape;
}

Tensors expand_scan(const Node& node) {
    const View view(node);
    const auto carries = view.carries;
    Tensors state{scalar_of(DataType::INT32, 0)};
    append(state, part(node.operands, 0, carries));
    for (std::size_t i = carries; i < node.results.size(); ++i)
        state.push_back(zeros(node.results[i].dims, node.results[i].type, node.location));
    if (view.length == 0) return part(state, 1, node.results.size());
    const auto body = [&](const Tensors& now) {
        const Tensor index = view.reversed ? static_cast<std::int32_t>(view.length - 1) - now[0] : now[0];
        Tensors arguments = part(now, 1, carries);
        for (std::size_t i = carries; i < node.operands.size(); ++i) {
            const Tensor& operand = node.operands[i];
            if (!view.is_stack(i)) {
                arguments.push_back(operand);
                continue;
            }
            Dims sizes = operand.dims();
            sizes[0] = 1;
            arguments.push_back(squeeze(dynamic_slice(operand, starts_at(index, operand.rank()), sizes), 0));
        }
        const Tensors results = inline_graph(view.body(), arguments);
        Tensors next{now[0] + 1};
        append(next, part(results, 0, carries));
        for (std::size_t i = carries; i < results.size(); ++i) {
            const Tensor& buffer = now[i + 1];
            next.push_back(dynamic_update_slice(buffer, expand_dims(results[i], 0), starts_at(index, buffer.rank())));
        }
        return next;
    };
    Tensors results = while_loop(
        [&](const Tensors& now) -> Tensors { return {less(now[0], static_cast<std::int32_t>(view.length))}; }, body,
        state, node.location);
    results.erase(results.begin());
    return results;
}

Tensor record_scan(Tensors operands, const std::shared_ptr<const Graph>& body, Dims counts, const Location& location) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < body->results.size(); ++i) {
        const Shape& shape = body->results[i].shape();
        shapes.push_back(static_cast<std::int64_t>(i) < counts[CARRIES] ? shape : stacked(shape, counts[LENGTH]));
    }
    return record({.op = rows::scan,
                   .shape = {},
                   .operands = std::move(operands),
                   .attributes = {std::move(counts)},
                   .location = location,
                   .regions = {body},
                   .results = std::move(shapes)});
}

Tensor augment_scan(const Node& node) {
    const View view(node);
    const TraceScope forward;
    Tensors parameters;
    for (const auto& parameter : view.body().parameters) parameters.push_back(forward.parameter(parameter.shape()));
    Tensors results = inline_graph(view.body(), parameters);
    Closed backward;
    {
        const TraceScope scope;
        Tensors cotangents, given, gradients;
        for (const auto& result : results) {
            cotangents.push_back(is_inexact(result.type()) ? scope.parameter(result.shape()) : Tensor());
            if (cotangents.back().defined()) given.push_back(cotangents.back());
        }
        const Pullback back = pullback(results, cotangents, parameters);
        results = back.outputs;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            if (is_inexact(parameters[i].type()))
                gradients.push_back(or_zeros(back.gradients[i], parameters[i].shape()));
        backward = close(given, gradients, scope.level());
    }
    Dims sources;
    for (const auto& residual : backward.captures) {
        std::size_t source = 0;
        while (source < parameters.size() && parameters[source].node() != residual.node()) ++source;
        if (source < view.carries || source == parameters.size()) {  // differs in every step: keep it
            source = parameters.size() + results.size();
            results.push_back(residual);
        }
        sources.push_back(static_cast<std::int64_t>(source));
    }
    const Closed closed = close(parameters, results, forward.level());
    Tensors operands = node.operands;
    append(operands, closed.captures);
    Tensor made = record_scan(std::move(operands), closed.graph, node.attributes[COUNTS], node.location);
    for (auto& source : sources)  // what `close` has added to the parameters moves the results' numbers
        if (source >= static_cast<std::int64_t>(parameters.size()))
            source += static_cast<std::int64_t>(closed.captures.size());
    made->attributes.push_back(std::move(sources));
    made->regions.push_back(backward.graph);
    return made;
}

Tensors scan_vjp(const VjpArguments& v) {
    const View view(v.node);
    const auto carries = view.carries;
    const auto own_results = v.node.results.size();
    const auto parameter_count = v.operands.size();
    const Dims& sources = v.node.attributes[RESIDUAL_SOURCES];

    // The backward loop's carries: cotangents of the carries, then sums over the steps for the captures.
    Tensors state, stacks;
    for (std::size_t i = 0; i < carries; ++i)
        if (is_inexact(v.node.results[i].type)) state.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
    const auto flowing_carries = state.size();
    for (std::size_t i = carries; i < parameter_count; ++i)
        if (!view.is_stack(i) && is_inexact(v.operands[i].type())) state.push_back(zeros_like(v.operands[i]));
    std::size_t result_stacks = 0;
    const auto body_results = view.body().results.size();
    std::vector<bool> extra(own_results, false);
    for (const auto source : sources)
        if (source >= static_cast<std::int64_t>(parameter_count))
            extra[static_cast<std::size_t>(source) - parameter_count] = true;
    for (std::size_t i = carries; i < body_results; ++i)
        if (!extra[i] && is_inexact(v.node.results[i].type)) {
            stacks.push_back(or_zeros(v.cotangents[i], v.node.results[i]));
            ++result_stacks;
        }
    const Tensor& all = v.result;
    for (const auto source : sources) {
        const auto at = static_cast<std::size_t>(source);
        if (at >= parameter_count)
            stacks.push_back(record({.op = rows::result,
                                     .shape = v.node.results[at - parameter_count],
                                     .operands = {all},
                                     .attributes = {{source - static_cast<std::int64_t>(parameter_count)}},
                                     .location = v.node.location}));
        else if (view.is_stack(at))
            stacks.push_back(v.operands[at]);
    }
    const auto step = [&](const Tensors& now) {
        // region 1's parameters: cotangents (carries, then results), then residuals
        Tensors arguments = part(now, 0, flowing_carries);
        append(arguments, part(now, state.size(), result_stacks));
        auto next = state.size() + result_stacks;
        for (const auto source : sources) {
            const auto at = static_cast<std::size_t>(source);
            arguments.push_back(at >= parameter_count || view.is_stack(at) ? now[next++] : v.operands[at]);
        }
        const Tensors gradients = inline_graph(*v.node.regions[1], arguments);
        Tensors carried, sums, pieces;
        std::size_t from = 0, to = flowing_carries;
        for (std::size_t i = 0; i < view.body().parameters.size() && from < gradients.size(); ++i) {
            if (!is_inexact(v.operands[i].type())) continue;
            const Tensor& gradient = gradients[from++];
            if (i < carries)
                carried.push_back(gradient);
            else if (view.is_stack(i))
                pieces.push_back(gradient);
            else
                sums.push_back(now[to++] + gradient);
        }
        while (to < state.size()) sums.push_back(now[to++]);
        append(carried, sums);
        append(carried, pieces);
        return carried;
    };
    const Tensors back = scan_list(step, state, stacks, view.length, !view.reversed, v.node.location);
    Tensors gradients(parameter_count);
    std::size_t carried = 0, summed = flowing_carries, piece = state.size();
    for (std::size_t i = 0; i < parameter_count; ++i) {
        if (!is_inexact(v.operands[i].type())) continue;
        gradients[i] = i < carries ? back[carried++] : view.is_stack(i) ? back[piece++] : back[summed++];
    }
    return gradients;
}

Tensors scan_jvp(const JvpArguments& v) {
    const View view(v.node);
    const auto carries = view.carries, parameters = v.operands.size(), results = view.body().results.size();
    std::vector<bool> flows(parameters);
    for (std::size_t i = 0; i < parameters; ++i) flows[i] = v.tangents[i].defined();
    std::vector<bool> wanted;
    for (bool grew = true; grew;) {
        grew = false;
        wanted = reached(view.body(), flows);
        for (std::size_t i = 0; i < carries; ++i) {
            grew = grew || (wanted[i] && !flows[i]);
            flows[i] = wanted[i] = wanted[i] || flows[i];
        }
    }
    // The loop carries (carries, their tangents) and goes over (stacks, their tangents).
    Tensors state(v.operands.begin(), v.operands.begin() + static_cast<std::ptrdiff_t>(carries)), stacks;
    for (std::size_t i = 0; i < carries; ++i)
        if (flows[i]) state.push_back(or_zeros(v.tangents[i], v.operands[i].shape()));
    for (std::size_t i = carries; i < carries + view.stacks; ++i) stacks.push_back(v.operands[i]);
    for (std::size_t i = carries; i < carries + view.stacks; ++i)
        if (flows[i]) stacks.push_back(v.tangents[i]);
    const auto step = [&](const Tensors& now) {
        Tensors arguments, tangents(parameters);
        auto next_carry = carries, slice = state.size(), next_slice = slice + view.stacks;
        for (std::size_t i = 0; i < parameters; ++i) {
            arguments.push_back(i < carries ? now[i] : view.is_stack(i) ? now[slice++] : v.operands[i]);
            if (flows[i])
                tangents[i] = i < carries ? now[next_carry++] : view.is_stack(i) ? now[next_slice++] : v.tangents[i];
        }
        const Tensors all = push_graph(view.body(), arguments, tangents, wanted);
        const auto carried = state.size() - carries;
        Tensors ordered = part(all, 0, carries);
        append(ordered, part(all, results, carried));
        append(ordered, part(all, carries, results - carries));
        append(ordered, part(all, results + carried, all.size() - results - carried));
        return ordered;
    };
    const Tensors all = scan_list(step, state, stacks, view.length, view.reversed, v.node.location);
    Tensors values = part(all, 0, carries), tangents(results);
    append(values, part(all, state.size(), results - carries));
    auto carried = carries, stacked_tangent = state.size() + results - carries;
    for (std::size_t i = 0; i < results; ++i)
        if (wanted[i]) tangents[i] = i < carries ? all[carried++] : all[stacked_tangent++];
    append(values, tangents);
    return values;
}

Tensors scan_vmap(const VmapArguments& v) {
    const View view(v.node);
    const auto carries = view.carries, results = view.body().results.size();
    std::vector<bool> mapped = v.mapped, wanted;
    for (bool grew = true; grew;) {
        grew = false;
        wanted = depends_on_mapped(view.body(), mapped);
        for (std::size_t i = 0; i < carries; ++i) {
            grew = grew || (wanted[i] && !mapped[i]);
            mapped[i] = wanted[i] = wanted[i] || mapped[i];
        }
    }
    const GraphPtr body = batched_graph(view.body(), mapped, wanted, v.size);
    Tensors state, stacks;
    for (std::size_t i = 0; i < carries; ++i) state.push_back(mapped[i] ? mapped_operand(v, i) : v.operands[i]);
    for (std::size_t i = carries; i < carries + view.stacks; ++i)
        stacks.push_back(mapped[i] ? swap_axes(v.operands[i], 0, 1) : v.operands[i]);
    const auto step = [&](const Tensors& now) {
        Tensors arguments = now;
        for (auto i = carries + view.stacks; i < v.operands.size(); ++i) arguments.push_back(v.operands[i]);
        return inline_graph(*body, arguments);
    };
    Tensors all = scan_list(step, state, stacks, view.length, view.reversed, v.node.location);
    for (std::size_t i = 0; i < results; ++i) {
        if (!wanted[i])
            all[i] = repeated(all[i], v.size);
        else if (i >= carries)
            all[i] = swap_axes(all[i], 0, 1);
    }
    return all;
}

}  // namespace

namespace rows {

constinit const Op scan{.name = "scan",
                        .spec = "podium: a loop of known length, expanded into while",
                        .kind = Kind::COMPOSITE,
                        .types = Types::ANY,
                        .expand = expand_scan,
                        .augment = augment_scan,
                        .vjp = scan_vjp,
                        .jvp = scan_jvp,
                        .vmap = scan_vmap};

}  // namespace rows

std::int64_t scan_length(const Node& scan) { return View(scan).length; }

Closed trace_region(const TensorFunction& f, const Tensors& inputs) {
    const TraceScope scope;
    Tensors parameters;
    for (const auto& input : inputs) parameters.push_back(scope.parameter(input.shape()));
    return close(parameters, f(parameters), scope.level());
}

Tensors scan_list(const TensorFunction& body, const Tensors& carry, const Tensors& xs, std::int64_t length,
                  bool reversed, Location location) {
    Tensors inputs = carry;
    for (const auto& x : xs) {
        if (x.rank() == 0 || x.dim(0) != length)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("scan: {} has no first dimension of length {}", to_string(x.shape()), length));
        inputs.push_back(zeros(Dims(x.dims().begin() + 1, x.dims().end()), x.type(), location));
    }
    const Closed closed = trace_region(body, inputs);
    if (closed.graph->results.size() < carry.size())
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("scan: the body returned {} tensors, {} are carried", closed.graph->results.size(),
                            carry.size()));
    for (std::size_t i = 0; i < carry.size(); ++i)
        if (!(closed.graph->results[i].shape() == carry[i].shape()))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("scan: carry {} is {} going in and {} coming out; the shapes must stay", i,
                                to_string(carry[i].shape()), to_string(closed.graph->results[i].shape())));
    Tensors operands = carry;
    append(operands, xs);
    append(operands, closed.captures);
    const Dims counts{static_cast<std::int64_t>(carry.size()), static_cast<std::int64_t>(xs.size()), length,
                      reversed ? 1 : 0};
    const Tensor all = record_scan(std::move(operands), closed.graph, counts, location);
    Tensors results;
    for (std::size_t i = 0; i < all->results.size(); ++i)
        results.push_back(record({.op = rows::result,
                                  .shape = all->results[i],
                                  .operands = {all},
                                  .attributes = {{static_cast<std::int64_t>(i)}},
                                  .location = location}));
    return results;
}

}  // namespace podium
