#include "podium/ir/windows.h"

#include <algorithm>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

enum : std::size_t { WINDOW_SIZES, WINDOW_STRIDES, BASE_DILATIONS, WINDOW_DILATIONS, WINDOW_LOW, WINDOW_HIGH };

Window window_of(const Node& node) {
    const auto& a = node.attributes;
    return {a[WINDOW_SIZES], a[WINDOW_STRIDES], a[BASE_DILATIONS], a[WINDOW_DILATIONS], a[WINDOW_LOW], a[WINDOW_HIGH]};
}

std::vector<Dims> window_attributes(const Window& w) {
    return {w.sizes, w.strides, w.base_dilations, w.window_dilations, w.low, w.high};
}

std::string window_text(const Node& node, bool dilations) {
    const Window w = window_of(node);
    std::string text =
        array_attribute("window_dimensions", w.sizes) + ", " + array_attribute("window_strides", w.strides);
    if (dilations)
        text += ", " + array_attribute("base_dilations", w.base_dilations) + ", " +
                array_attribute("window_dilations", w.window_dilations);
    return text + ", " + padding_attribute(w.low, w.high);
}

/// Calls `f(flat position in the operand)` for the elements of the window at `index`, in row-major order.
template <class F>
void for_each_in_window(const Window& w, const Dims& index, const Dims& dims, F f) {
    for_each_index(w.sizes, [&](const Dims& offset) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < dims.size(); ++i) {
            const auto at = index[i] * w.strides[i] + offset[i] * w.window_dilations[i] - w.low[i];
            if (at < 0 || at % w.base_dilations[i] != 0 || at / w.base_dilations[i] >= dims[i]) return;
            flat = flat * dims[i] + at / w.base_dilations[i];
        }
        f(flat);
    });
}

HostArray scalar_at(const HostArray& array, std::int64_t i) {
    HostArray one(Shape(array.type(), {}));
    store(one, 0, load(array, i));
    return one;
}

std::vector<HostArray> evaluate_reduce_window(const Evaluation& e) {
    const Window w = window_of(e.node);
    const auto count = e.operands.size() / 2;
    const Dims& dims = e.operands[0].shape().dims;
    std::vector<HostArray> results;
    for (std::size_t k = 0; k < count; ++k)
        results.emplace_back(e.node.results.empty() ? e.node.shape : e.node.results[k]);
    std::int64_t position = 0;
    for_each_index(results[0].shape().dims, [&](const Dims& index) {
        std::vector<HostArray> so_far;
        for (std::size_t k = 0; k < count; ++k) so_far.push_back(scalar_at(e.operands[count + k], 0));
        for_each_in_window(w, index, dims, [&](std::int64_t from) {
            if (e.node.inner != nullptr) {
                store(so_far[0], 0, combine(*e.node.inner, load(so_far[0], 0), load(e.operands[0], from)));
                return;
            }
            std::vector<HostArray> scalars = so_far;
            for (std::size_t k = 0; k < count; ++k) scalars.push_back(scalar_at(e.operands[k], from));
            so_far = e.run(*e.node.regions[0], scalars);
        });
        for (std::size_t k = 0; k < count; ++k) store(results[k], position, load(so_far[k], 0));
        ++position;
    });
    return results;
}

/// Returns the flat position of the element that the window's others lose against; -1 for none.
std::int64_t chosen(const Window& w, const Dims& index, const HostArray& operand, const Op& select) {
    std::int64_t best = -1;
    for_each_in_window(w, index, operand.shape().dims, [&](std::int64_t from) {
        const auto keeps = [&] { return combine(select, load(operand, best), load(operand, from)); };
        if (best < 0 || std::visit([](auto value) { return value == decltype(value){}; }, keeps())) best = from;
    });
    return best;
}

std::vector<HostArray> evaluate_select_and_scatter(const Evaluation& e) {
    const Window w = window_of(e.node);
    HostArray result(e.node.shape);
    for (std::int64_t i = 0; i < result.count(); ++i) store(result, i, load(e.operands[2], 0));
    std::int64_t position = 0;
    for_each_index(e.operands[1].shape().dims, [&](const Dims& index) {
        const auto at = chosen(w, index, e.operands[0], *e.node.regions[0]->results[0]->op);
        const auto from = position++;
        if (at >= 0) store(result, at, combine(add, load(result, at), load(e.operands[1], from)));
    });
    return {result};
}

/// Sums over windows are linear: the cotangents, spread by the strides and padded, summed over the mirrored windows.
Tensor window_sum_vjp(const VjpArguments& v) {
    const Window w = window_of(v.node);
    const Dims &from = v.operands[0].dims(), &to = v.node.shape.dims;
    Window back{.sizes = w.sizes,
                .strides = w.base_dilations,
                .base_dilations = w.strides,
                .window_dilations = w.window_dilations};
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto span = (w.sizes[i] - 1) * w.window_dilations[i];
        const auto padded = from[i] == 0 ? 0 : (from[i] - 1) * w.base_dilations[i] + 1;
        const auto spread = to[i] == 0 ? 0 : (to[i] - 1) * w.strides[i] + 1;
        back.low.push_back(span - w.low[i]);
        back.high.push_back(padded + span - spread - back.low[i]);
    }
    return reduce_window(add, v.cotangent, 0, back);
}

bool is_dilated(const Window& w) {
    const auto is_one = [](std::int64_t dilation) { return dilation == 1; };
    return !std::ranges::all_of(w.base_dilations, is_one) || !std::ranges::all_of(w.window_dilations, is_one);
}

Tensors reduce_window_vjp(const VjpArguments& v) {
    const Window w = window_of(v.node);
    if (v.node.inner != nullptr) {
        const auto from_identity = [&](const Tensor& x) {
            const auto& combiner = static_cast<const Binary&>(*v.node.inner);
            return reduce_window(combiner, x, identity(combiner, x.type()), w);
        };
        if (auto gradients = vjp_from_another_start(v, from_identity)) return std::move(*gradients);
    }
    Tensors gradients(v.operands.size());
    if (v.node.inner == &add) {
        gradients[0] = window_sum_vjp(v);
        return gradients;
    }
    const bool extreme = v.node.inner == &maximum || v.node.inner == &minimum;
    if (!extreme || is_dilated(w))
        fail_at(
            Code::UNIMPLEMENTED, v.node.location,
            "reduce_window: sums, and maxima and minima over windows without dilations have gradients; write others "
            "with slices");
    gradients[0] = podium::select_and_scatter(v.node.inner == &maximum ? greater_equal : less_equal, v.operands[0],
                                              v.cotangent, w);
    return gradients;
}

Window mapped_window(const Node& node) {
    Window w = window_of(node);
    for (auto* ones : {&w.sizes, &w.strides, &w.base_dilations, &w.window_dilations}) ones->insert(ones->begin(), 1);
    for (auto* zeros : {&w.low, &w.high}) zeros->insert(zeros->begin(), 0);
    return w;
}

Tensors reduce_window_vmap(const VmapArguments& v) {
    const auto count = v.operands.size() / 2;
    Tensors operands;
    for (std::size_t i = 0; i < v.operands.size(); ++i) {
        if (i >= count && v.mapped[i])
            fail_at(Code::UNIMPLEMENTED, v.node.location,
                    "vmap: reduce_window starts all examples from one value; combine with theirs afterwards");
        operands.push_back(i < count ? mapped_operand(v, i) : v.operands[i]);
    }
    Recipe recipe{.op = *v.node.op,
                  .operands = std::move(operands),
                  .attributes = window_attributes(mapped_window(v.node)),
                  .location = v.node.location,
                  .regions = v.node.regions,
                  .inner = v.node.inner};
    if (v.node.results.empty()) {
        recipe.shape = mapped_shape(v.node.shape, v.size);
        return {record(std::move(recipe))};
    }
    recipe.results = mapped_shapes(v);
    return record_all(std::move(recipe));
}

/// Returns the graph that applies a row to two scalars.
GraphPtr scalar_graph(const Binary& row, DataType type) {
    const Tensor scalar = zeros({}, type);
    return trace_region([&](const Tensors& t) -> Tensors { return {row(t[0], t[1])}; }, {scalar, scalar}).graph;
}

const Binary& select_row(const Node& node) { return static_cast<const Binary&>(*node.inner); }

void expect_selectable(std::string_view op, const Binary& select, const Tensor& x, const Tensor& source,
                       const Window& window, const Location& location) {
    if (select.gives != Gives::BOOL)
        fail_at(Code::INVALID_ARGUMENT, location, fmt::format("{}: {} does not compare", op, select.name));
    if (is_dilated(window))
        fail_at(Code::INVALID_ARGUMENT, location, fmt::format("{}: windows have no dilations here", op));
    if (source.type() != x.type())
        fail_at(Code::DTYPE_MISMATCH, location,
                fmt::format("{}: data types differ: {} and {}", op, to_string(x.shape()), to_string(source.shape())));
}

}  // namespace

namespace rows {

constinit const Op reduce_window{.name = "reduce_window",
                                 .spec = "StableHLO specification, reduce_window",
                                 .stablehlo = "stablehlo.reduce_window",
                                 .kind = Kind::STRUCTURAL,
                                 .types = Types::ANY,
                                 .evaluate = evaluate_reduce_window,
                                 .attributes = [](const Node& n) { return window_text(n, true); },
                                 .vjp = reduce_window_vjp,
                                 .vmap = reduce_window_vmap};
constinit const Op select_and_scatter{
    .name = "select_and_scatter",
    .spec = "StableHLO specification, select_and_scatter, adding",
    .stablehlo = "stablehlo.select_and_scatter",
    .kind = Kind::STRUCTURAL,
    .types = Types::REAL,
    .evaluate = evaluate_select_and_scatter,
    .attributes = [](const Node& n) { return window_text(n, false); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        const auto& select = static_cast<const Binary&>(*v.node.regions[0]->results[0]->op);
        return {{}, podium::select_and_gather(select, v.operands[0], v.cotangent, window_of(v.node)), {}};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        if (v.mapped[2])
            fail_at(Code::UNIMPLEMENTED, v.node.location, "vmap: select_and_scatter starts all examples from zero");
        return {record({.op = *v.node.op,
                        .shape = mapped_shape(v.node.shape, v.size),
                        .operands = {mapped_operand(v, 0), mapped_operand(v, 1), v.operands[2]},
                        .attributes = window_attributes(mapped_window(v.node)),
                        .location = v.node.location,
                        .regions = v.node.regions})};
    }};
constinit const Op select_and_gather{
    .name = "select_and_gather",
    .spec = "podium: the transpose of select_and_scatter, by a reduce_window of pairs",
    .kind = Kind::COMPOSITE,
    .types = Types::REAL,
    .expand = [](const Node& node) -> Tensors {
        const Binary& select_first = select_row(node);
        const auto keep_chosen = [&](const Tensors& t) -> Tensors {  // (x so far, value so far, x, value)
            const Tensor keeps = select_first(t[0], t[2]);
            return {select(keeps, t[0], t[2]), select(keeps, t[1], t[3])};
        };
        const DataType type = node.operands[0].type();
        const bool greatest = &select_first == &greater_equal || &select_first == &greater;
        return {reduce_window_list(keep_chosen, node.operands,
                                   {greatest ? lowest(type) : highest(type), zeros({}, type)}, window_of(node),
                                   node.location)[1]};
    },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {{}, podium::select_and_scatter(select_row(v.node), v.operands[0], v.cotangent, window_of(v.node))};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {podium::select_and_gather(select_row(v.node), mapped_operand(v, 0), mapped_operand(v, 1),
                                          mapped_window(v.node))};
    }};

}  // namespace rows

Window filled_window(std::string_view op, const Tensor& x, Window window, const Location& location) {
    const auto rank = x.dims().size();
    for (auto* ones : {&window.strides, &window.base_dilations, &window.window_dilations})
        if (ones->empty()) ones->assign(rank, 1);
    for (auto* zeros : {&window.low, &window.high})
        if (zeros->empty()) zeros->assign(rank, 0);
    for (const auto* dims :
         {&window.sizes, &window.strides, &window.base_dilations, &window.window_dilations, &window.low, &window.high})
        expect_rank(op, x, dims->size(), "members of the window", location);  // (C4), (C6), (C8), (C10), (C12)
    for (const auto* dims : {&window.sizes, &window.strides, &window.base_dilations, &window.window_dilations})
        for (const auto size : *dims)
            if (size < 1)  // (C5), (C7), (C9), (C11)
                fail_at(Code::SHAPE_MISMATCH, location,
                        fmt::format("{}: sizes, strides and dilations are at least 1, got [{}]", op, join(*dims)));
    return window;
}

Dims window_counts(const Dims& dims, const Window& w) {
    Dims counts;
    for (std::size_t i = 0; i < dims.size(); ++i) {  // (C15)
        const auto dilated = dims[i] == 0 ? 0 : (dims[i] - 1) * w.base_dilations[i] + 1;
        const auto padded = w.low[i] + dilated + w.high[i], span = (w.sizes[i] - 1) * w.window_dilations[i] + 1;
        counts.push_back(padded <= 0 || span > padded ? 0 : (padded - span) / w.strides[i] + 1);
    }
    return counts;
}

std::pair<Dims, Dims> same_padding(const Dims& dims, const Window& w) {
    std::pair<Dims, Dims> edges;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        const auto stride = w.strides.empty() ? 1 : w.strides[i];
        const auto span = (w.sizes[i] - 1) * (w.window_dilations.empty() ? 1 : w.window_dilations[i]) + 1;
        const auto count = (dims[i] + stride - 1) / stride;
        const auto missing = std::max<std::int64_t>((count - 1) * stride + span - dims[i], 0);
        edges.first.push_back(missing / 2);
        edges.second.push_back(missing - missing / 2);
    }
    return edges;
}

Tensor reduce_window(const Binary& combiner, const Operand& x, const Operand& initial, const Window& window) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    const Window w = filled_window("reduce_window", tensor, window, x.location());
    const Tensor start = as_tensor(initial, tensor.type());
    if (start.type() != tensor.type() || start.rank() != 0)  // (C3), (C13)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("reduce_window: cannot start {} from {}; a scalar of its type is needed",
                            to_string(tensor.shape()), to_string(start.shape())));
    return record({.op = rows::reduce_window,
                   .shape = Shape(tensor.type(), window_counts(tensor.dims(), w)),
                   .operands = {tensor, start},
                   .attributes = window_attributes(w),
                   .location = x.location(),
                   .inner = &combiner});
}

Tensors reduce_window_list(const TensorFunction& combine, const Tensors& tensors, const Tensors& initials,
                           const Window& window, Location location) {
    if (tensors.empty() || tensors.size() != initials.size())  // (C1)
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("reduce_window: {} tensors and {} initial values", tensors.size(), initials.size()));
    const Window w = filled_window("reduce_window", tensors[0], window, location);
    Tensors operands = tensors, scalars = initials;
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].dims() != tensors[0].dims() || !(initials[i].shape() == Shape(tensors[i].type(), {})))
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("reduce_window: {} cannot go with {} from {}", to_string(tensors[i].shape()),
                                to_string(tensors[0].shape()), to_string(initials[i].shape())));
        operands.push_back(initials[i]);
        scalars.push_back(initials[i]);
        shapes.emplace_back(tensors[i].type(), window_counts(tensors[0].dims(), w));
    }
    std::rotate(scalars.begin(), scalars.begin() + static_cast<std::ptrdiff_t>(initials.size()), scalars.end());
    const Closed closed = trace_region(combine, scalars);
    if (!closed.captures.empty() || closed.graph->results.size() != tensors.size())
        fail_at(Code::INVALID_ARGUMENT, location,
                "reduce_window: the function must give one scalar a tensor, from nothing but its arguments");
    return record_all({.op = rows::reduce_window,
                       .operands = std::move(operands),
                       .attributes = window_attributes(w),
                       .location = location,
                       .regions = {closed.graph},
                       .results = std::move(shapes)});
}

Tensor select_and_scatter(const Binary& select, const Operand& x, const Operand& source, const Window& window) {
    const LocationScope scope(x.location());
    const Tensor &tensor = x.tensor(), &values = source.tensor();
    const Window w = filled_window("select_and_scatter", tensor, window, x.location());
    expect_selectable("select_and_scatter", select, tensor, values, w, x.location());
    if (values.dims() != window_counts(tensor.dims(), w))  // (C2)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("select_and_scatter: {} has [{}] windows, the source is {}", to_string(tensor.shape()),
                            join(window_counts(tensor.dims(), w)), to_string(values.shape())));
    return record({.op = rows::select_and_scatter,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor, values, zeros({}, tensor.type())},
                   .attributes = window_attributes(w),
                   .location = x.location(),
                   .regions = {scalar_graph(select, tensor.type()), scalar_graph(add, tensor.type())}});
}

Tensor select_and_gather(const Binary& select, const Operand& x, const Operand& values, const Window& window) {
    const Tensor &tensor = x.tensor(), &others = values.tensor();
    const Window w = filled_window("select_and_gather", tensor, window, x.location());
    expect_selectable("select_and_gather", select, tensor, others, w, x.location());
    if (others.dims() != tensor.dims())
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("select_and_gather: the values {} are not like {}", to_string(others.shape()),
                            to_string(tensor.shape())));
    return record({.op = rows::select_and_gather,
                   .shape = Shape(tensor.type(), window_counts(tensor.dims(), w)),
                   .operands = {tensor, others},
                   .attributes = window_attributes(w),
                   .location = x.location(),
                   .inner = &select});
}

std::span<const Op* const> window_ops() {
    static constexpr std::array ROWS{&rows::reduce_window, &rows::select_and_scatter, &rows::select_and_gather};
    return ROWS;
}

}  // namespace podium
