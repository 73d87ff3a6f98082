#include "podium/ir/sorting.h"

#include <algorithm>
#include <numeric>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/cumulative.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

enum : std::size_t { SORT_AXIS, STABLE };

/// Calls `f(first)` with the flat position of the first element of every line of `dims` along `axis`; the next one is
/// `stride` further.
template <class F>
void for_each_line(const Dims& dims, std::int64_t axis, F f) {
    Dims starts = dims;
    starts[static_cast<std::size_t>(axis)] = std::min<std::int64_t>(1, starts[static_cast<std::size_t>(axis)]);
    for_each_index(starts, [&](const Dims& index) { f(flat_index(index, dims)); });
}

HostArray element(const HostArray& array, std::int64_t i) {
    HostArray one(Shape(array.type(), {}));
    store(one, 0, load(array, i));
    return one;
}

std::vector<HostArray> evaluate_sort(const Evaluation& e) {
    const Dims& dims = e.operands[0].shape().dims;
    const auto axis = e.node.integer(SORT_AXIS);
    const auto stride = row_major_strides(dims)[static_cast<std::size_t>(axis)];
    std::vector<HostArray> results;
    for (const auto& operand : e.operands) results.emplace_back(operand.shape());
    std::vector<std::int64_t> order(static_cast<std::size_t>(dims[static_cast<std::size_t>(axis)]));
    for_each_line(dims, axis, [&](std::int64_t first) {
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = first + static_cast<std::int64_t>(i) * stride;
        std::stable_sort(order.begin(), order.end(), [&](std::int64_t x, std::int64_t y) {
            std::vector<HostArray> scalars;
            for (const auto& operand : e.operands) {
                scalars.push_back(element(operand, x));
                scalars.push_back(element(operand, y));
            }
            return load(e.run(*e.node.regions[0], scalars)[0], 0) != Number(std::uint64_t{0});
        });
        for (std::size_t i = 0; i < order.size(); ++i)
            for (std::size_t k = 0; k < results.size(); ++k)
                store(results[k], first + static_cast<std::int64_t>(i) * stride, load(e.operands[k], order[i]));
    });
    return results;
}

Tensors record_sort(const GraphPtr& before, const Tensors& tensors, std::int64_t axis, bool stable,
                    const Location& location) {
    std::vector<Shape> shapes;
    for (const auto& tensor : tensors) shapes.emplace_back(tensor.type(), tensor.dims());
    return record_all({.op = rows::sort,
                       .operands = tensors,
                       .attributes = {{axis}, {stable ? 1 : 0}},
                       .location = location,
                       .regions = {before},
                       .results = std::move(shapes)});
}

/// Returns the positions along the axis that the node's results come from: sorted once more, with the positions as one
/// more tensor that the order does not look at.
Tensor sorted_positions(const Node& node, std::span<const Tensor> operands) {
    const TraceScope scope;
    auto before = std::make_shared<Graph>(*node.regions[0]);
    for (int i = 0; i < 2; ++i) before->parameters.push_back(scope.parameter(Shape(DataType::INT32, {})));
    Tensors tensors(operands.begin(), operands.end());
    tensors.push_back(iota(tensors[0].dims(), node.integer(SORT_AXIS)));
    return record_sort(before, tensors, node.integer(SORT_AXIS), true, node.location).back();
}

Tensors sort_vjp(const VjpArguments& v) {
    const auto axis = v.node.integer(SORT_AXIS);
    const Tensor back = argsort(sorted_positions(v.node, v.operands), axis);  // the inverse permutation
    Tensors gradients;
    for (const auto& cotangent : v.cotangents)
        gradients.push_back(cotangent.defined() ? take_along_axis(cotangent, back, axis) : Tensor());
    return gradients;
}

/// True where `x` comes before `y`, NaN last.
Tensor comes_before(const Tensor& x, const Tensor& y, bool descending) {
    if (is_complex(x.type())) {
        const Tensor by_real = comes_before(real(x), real(y), descending),
                     back = comes_before(real(y), real(x), descending);
        return by_real | (logical_not(by_real | back) & comes_before(imag(x), imag(y), descending));
    }
    const Tensor &low = descending ? y : x, &high = descending ? x : y;
    const Tensor ordered = less(low, high);
    return is_float(x.type()) ? ordered | (not_equal(high, high) & equal(low, low)) : ordered;
}

std::vector<HostArray> evaluate_top_k(const Evaluation& e) {
    HostArray values(e.node.results[0]), indices(e.node.results[1]);
    const auto count = e.operands[0].shape().dims.back(), kept = e.node.integer(0);
    const auto lines = count == 0 ? 0 : e.operands[0].count() / count;
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    for (std::int64_t line = 0; line < lines; ++line) {
        std::iota(order.begin(), order.end(), std::int64_t{0});
        const auto value = [&](std::int64_t i) { return e.operands[0].as_double(line * count + i); };
        std::stable_sort(order.begin(), order.end(), [&](std::int64_t x, std::int64_t y) {
            return value(x) > value(y) || (std::isnan(value(x)) && !std::isnan(value(y)));
        });
        for (std::int64_t i = 0; i < kept; ++i) {
            store(values, line * kept + i, load(e.operands[0], line * count + order[static_cast<std::size_t>(i)]));
            store(indices, line * kept + i, order[static_cast<std::size_t>(i)]);
        }
    }
    return {values, indices};
}

Tensor projected(const Tensor& all, std::int64_t i) {
    return record({.op = rows::result,
                   .shape = all->results[static_cast<std::size_t>(i)],
                   .operands = {all},
                   .attributes = {{i}},
                   .location = all->location});
}

}  // namespace

namespace rows {

constinit const Op sort{.name = "sort",
                        .spec = "StableHLO specification, sort",
                        .stablehlo = "stablehlo.sort",
                        .kind = Kind::STRUCTURAL,
                        .types = Types::ANY,
                        .evaluate = evaluate_sort,
                        .attributes =
                            [](const Node& n) {
                                return fmt::format("dimension = {} : i64, is_stable = {}", n.integer(SORT_AXIS),
                                                   n.integer(STABLE) != 0);
                            },
                        .vjp = sort_vjp,
                        .vmap = [](const VmapArguments& v) -> Tensors {
                            Tensors tensors;
                            for (std::size_t i = 0; i < v.operands.size(); ++i) tensors.push_back(mapped_operand(v, i));
                            return record_sort(v.node.regions[0], tensors, v.node.integer(SORT_AXIS) + 1,
                                               v.node.integer(STABLE) != 0, v.node.location);
                        }};
constinit const Op top_k{.name = "top_k",
                         .spec = "CHLO, top_k; equal elements in their order, NaN first",
                         .stablehlo = "chlo.top_k",
                         .kind = Kind::STRUCTURAL,
                         .types = Types::REAL,
                         .evaluate = evaluate_top_k,
                         .attributes = [](const Node& n) { return integer_attribute("k", n.integer(0)); },
                         .vjp = [](const VjpArguments& v) -> Tensors {
                             if (!v.cotangents[0].defined()) return {{}};
                             const Tensor indices = projected(v.result, 1);
                             return {put_along_axis(&add, zeros_like(v.operands[0]), indices, v.cotangents[0], -1)};
                         },
                         .vmap = map_alike};

}  // namespace rows

Tensors sort_by(const TensorFunction& before, const Tensors& tensors, std::int64_t axis, bool stable,
                Location location) {
    const LocationScope scope(location);
    if (tensors.empty()) fail_at(Code::INVALID_ARGUMENT, location, "sort: no tensors were given");  // (C1)
    Tensors scalars;
    for (const auto& tensor : tensors) {
        if (tensor.dims() != tensors[0].dims())  // (C3)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("sort: {} and {} cannot be sorted together; their dimensions must be equal",
                                to_string(tensors[0].shape()), to_string(tensor.shape())));
        scalars.push_back(zeros({}, tensor.type()));
        scalars.push_back(scalars.back());
    }
    axis = normalize_axis("sort", axis, tensors[0].rank(), location);  // (C4)
    const Closed closed = trace_region(before, scalars);
    const auto& found = closed.graph->results;
    if (!closed.captures.empty())
        fail_at(Code::INVALID_ARGUMENT, location, "sort: the order uses a tensor from outside; sort it along instead");
    if (found.size() != 1 || !(found[0].shape() == Shape(DataType::BOOL, {})))  // (C5)
        fail_at(Code::SHAPE_MISMATCH, location, "sort: the order must return one bool scalar");
    return record_sort(closed.graph, tensors, axis, stable, location);
}

Tensor sort(const Operand& x, std::int64_t axis, bool descending) {
    return sort_by([&](const Tensors& t) -> Tensors { return {comes_before(t[0], t[1], descending)}; }, {x.tensor()},
                   axis, true, x.location())[0];
}

Tensor argsort(const Operand& x, std::int64_t axis, bool descending) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    const Tensor positions = iota(tensor.dims(), normalize_axis("argsort", axis, tensor.rank(), x.location()));
    return sort_by([&](const Tensors& t) -> Tensors { return {comes_before(t[0], t[1], descending)}; },
                   {tensor, positions}, axis, true, x.location())[1];
}

TopK top_k(const Operand& x, std::int64_t k) {
    const Tensor& tensor = x.tensor();
    if (!takes(Types::REAL, tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("top_k: takes real numbers, got {}", to_string(tensor.shape())));
    if (tensor.rank() == 0 || k < 0 || k > tensor.dim(-1))
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("top_k: {} has no {} elements in its last dimension", to_string(tensor.shape()), k));
    Dims dims = tensor.dims();
    dims.back() = k;
    const Tensors both = record_all({.op = rows::top_k,
                                     .operands = {tensor},
                                     .attributes = {{k}},
                                     .location = x.location(),
                                     .results = {Shape(tensor.type(), dims), Shape(DataType::INT32, dims)}});
    return {both[0], both[1]};
}

Tensor searchsorted(const Operand& sorted, const Operand& values, bool from_right) {
    const LocationScope scope(sorted.location());
    const Tensor &line = sorted.tensor(), &sought = values.tensor();
    if (line.rank() != 1 || line.type() != sought.type())
        fail_at(Code::SHAPE_MISMATCH, sorted.location(),
                fmt::format("searchsorted: takes a vector and values of its type, got {} and {}",
                            to_string(line.shape()), to_string(sought.shape())));
    const Tensor each = expand_dims(values, -1);
    const Tensor passed = from_right ? logical_not(comes_before(each, line, false)) : comes_before(line, each, false);
    return sum(convert(passed, DataType::INT32), {-1});
}

Unique unique(const Operand& x, std::int64_t size, const Operand& fill) {
    const LocationScope scope(x.location());
    const Tensor flat = reshape(x, {-1});
    const auto count = flat.dim(0);
    if (size < 1 || count < 1)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("unique: {} values of {} were asked for; at least 1 of 1 is needed", size,
                            to_string(x.tensor().shape())));
    const Tensors both = sort_by([](const Tensors& t) -> Tensors { return {comes_before(t[0], t[1], false)}; },
                                 {flat, iota({count})}, 0);
    const Tensor &values = both[0], &from = both[1];
    Tensor differs = not_equal(slice(values, {1}, {count}), slice(values, {0}, {count - 1}));
    if (is_float(values.type())) {  // one NaN stands for all of them
        const Tensor nan = not_equal(values, values);
        differs = differs & logical_not(slice(nan, {1}, {count}) & slice(nan, {0}, {count - 1}));
    }
    const Tensor first = concatenate({ones({1}, DataType::BOOL), differs}, 0);
    const Tensor place = cumulative_sum(convert(first, DataType::INT32), 0) - 1;  // of its value among the kept ones
    const ScatterDimensions one_each{.inserted_window = {0}, .scatter_to_operand = {0}, .index_vector = 1};
    const Tensor where = expand_dims(place, -1);  // beyond `size` nothing is written
    return {scatter(nullptr, full({size}, fill, values.type()), where, values, one_each),
            scatter(&add, zeros({size}, DataType::INT32), where, ones({count}, DataType::INT32), one_each),
            reshape(scatter(nullptr, zeros({count}, DataType::INT32), expand_dims(from, -1), place, one_each),
                    x.tensor().dims()),
            squeeze(slice(place, {count - 1}, {count}), 0) + 1};
}

std::span<const Op* const> sorting_ops() {
    static constexpr std::array ROWS{&rows::sort, &rows::top_k};
    return ROWS;
}

}  // namespace podium
