#include "podium/ir/reduction.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "podium/ir/batching.h"
#include "podium/ir/control.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/expansion.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

/// Returns `reduced` repeated along `axes` to the shape of `x`.
Tensor spread(const Tensor& reduced, const Tensor& x, const Dims& axes) {
    return broadcast_in_dim(reduced, x.dims(), complement(axes, x.rank()));
}

/// Returns the greatest or least number of a type of at most 8 bits.
template <class T>
T extreme_of_all(bool highest) {
    T best(0.0F);
    for (int bits = 0; bits < 1 << size_bits(data_type_of<T>); ++bits) {
        T each;
        each.bits = static_cast<std::uint8_t>(bits);
        const auto value = static_cast<float>(each), most = static_cast<float>(best);
        if (std::isnan(most) || (highest ? value > most : value < most)) best = each;
    }
    return best;
}

Tensor extreme(DataType type, bool highest) {
    HostArray array{Shape(type, {})};
    with_element_type(type, [&]<class T>() {
        if constexpr (std::is_integral_v<T>)
            store(array, 0,
                  Number(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(
                      highest ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest())));
        else if constexpr (requires { T::LEAST; })
            store(array, 0, highest ? T::GREATEST : T::LEAST);
        else if constexpr (sizeof(T) == 1)  // some have no infinity
            array.mutable_span<T>()[0] = extreme_of_all<T>(highest);
        else
            store(array, 0,
                  highest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity());
    });
    return constant(array);
}

HostArray scalar_of_element(const HostArray& array, std::int64_t i) {
    HostArray one(Shape(array.type(), {}));
    store(one, 0, load(array, i));
    return one;
}

/// Several tensors combined by a region.
std::vector<HostArray> evaluate_reduce_list(const Evaluation& e) {
    const auto count = e.operands.size() / 2;
    const Dims kept = complement(e.node.attributes[0], e.operands[0].shape().rank());
    std::vector<HostArray> results;
    for (std::size_t k = 0; k < count; ++k) {
        results.emplace_back(e.node.results[k]);
        for (std::int64_t i = 0; i < results[k].count(); ++i) store(results[k], i, load(e.operands[count + k], 0));
    }
    std::int64_t position = 0;
    for_each_index(e.operands[0].shape().dims, [&](const Dims& index) {
        Dims target;
        for (const auto axis : kept) target.push_back(index[static_cast<std::size_t>(axis)]);
        const auto at = flat_index(target, results[0].shape().dims), from = position++;
        std::vector<HostArray> scalars;
        scalars.reserve(2 * count);
        for (const auto& result : results) scalars.push_back(scalar_of_element(result, at));
        for (std::size_t k = 0; k < count; ++k) scalars.push_back(scalar_of_element(e.operands[k], from));
        const auto next = e.run(*e.node.regions[0], scalars);
        for (std::size_t k = 0; k < count; ++k) store(results[k], at, load(next[k], 0));
    });
    return results;
}

/// A map is its function of one element, for all of them.
Tensors expand_map(const Node& node) {
    const auto count = node.shape.count();
    Tensors flat;
    for (const auto& operand : node.operands) flat.push_back(reshape(operand, {count}));
    const Graph& f = *node.regions[0];
    return {reshape(batched(f.results, f.parameters, flat, count)[0], node.shape.dims)};
}

/// Returns `f` traced on scalars like those; throws where it sees anything else or does not give `count` scalars.
GraphPtr scalar_region(std::string_view op, const std::function<Tensors(const Tensors&)>& f, const Tensors& scalars,
                       std::size_t count, const Location& location) {
    const Closed closed = trace_region(f, scalars);
    bool fits = closed.captures.empty() && closed.graph->results.size() == count;
    for (std::size_t i = 0; fits && i < count; ++i) fits = closed.graph->results[i].rank() == 0;
    if (!fits)
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("{}: the function must give {} scalars, from nothing but its arguments", op, count));
    return closed.graph;
}

Tensors reduce_vjp(const VjpArguments& v) {
    if (v.node.inner == nullptr)
        fail_at(Code::UNIMPLEMENTED, v.node.location,
                "reduce: a function of several tensors has no gradient here; write it with scan or associative_scan");
    const Tensor& x = v.operands[0];
    const Dims& axes = v.node.attributes[0];
    const auto from_identity = [&](const Tensor& each) {
        const auto& combiner = static_cast<const Binary&>(*v.node.inner);
        return podium::reduce(combiner, each, identity(combiner, each.type()), axes);
    };
    if (auto gradients = vjp_from_another_start(v, from_identity)) return std::move(*gradients);
    if (v.node.inner == &add) return {spread(v.cotangent, x, axes), {}};
    if (v.node.inner == &maximum || v.node.inner == &minimum) {  // ties share, as jax.numpy.max does
        const Tensor hits = convert(equal(x, spread(v.result, x, axes)), x.type());
        return {hits * spread(v.cotangent / sum(hits, axes), x, axes), {}};
    }
    if (v.node.inner == &multiply) {  // a zero's share is the product of the others; beside a zero, nothing flows
        const Tensor zero = equal(x, zeros_like(x)), nonzero = select(zero, ones_like(x), x);
        const Tensor zeros_elsewhere = spread(sum(convert(zero, x.type()), axes), x, axes) - convert(zero, x.type());
        const Tensor share = spread(v.cotangent * product(nonzero, axes), x, axes) / nonzero;
        return {select(equal(zeros_elsewhere, zeros_like(x)), share, zeros_like(x)), {}};
    }
    fail_at(Code::UNIMPLEMENTED, v.node.location, fmt::format("reduce by {} has no gradient", v.node.inner->name));
}

Tensors reduce_vmap(const VmapArguments& v) {
    if (v.node.inner == nullptr) {
        const auto count = v.operands.size() / 2;
        Tensors operands;
        for (std::size_t i = 0; i < v.operands.size(); ++i) {
            if (i >= count && v.mapped[i])
                fail_at(Code::UNIMPLEMENTED, v.node.location, "vmap: reduce starts all examples from one value");
            operands.push_back(i < count ? mapped_operand(v, i) : v.operands[i]);
        }
        return record_all({.op = rows::reduce,
                           .operands = std::move(operands),
                           .attributes = {behind_mapped(v.node.attributes[0])},
                           .location = v.node.location,
                           .regions = v.node.regions,
                           .results = mapped_shapes(v)});
    }
    const auto& combiner = static_cast<const Binary&>(*v.node.inner);
    const Tensor x = mapped_operand(v, 0);
    const Dims axes = behind_mapped(v.node.attributes[0]);
    if (axes.empty()) return {v.mapped[1] ? combiner(x, broadcast_in_dim(v.operands[1], x.dims(), {0})) : x};
    if (!v.mapped[1]) return {podium::reduce(combiner, x, v.operands[1], axes)};
    const Tensor reduced = podium::reduce(combiner, x, identity(combiner, x.type()), axes);
    return {combiner(reduced, broadcast_in_dim(v.operands[1], reduced.dims(), {0}))};
}

}  // namespace

namespace rows {

constinit const Op reduce{.name = "reduce",
                          .spec = "StableHLO specification, reduce, one input and a combiner row",
                          .stablehlo = "stablehlo.reduce",
                          .kind = Kind::STRUCTURAL,
                          .types = Types::ANY,
                          .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                              if (e.node.inner == nullptr) return evaluate_reduce_list(e);
                              const Dims kept = complement(e.node.attributes[0], e.operands[0].shape().rank());
                              const HostArray initial = e.operands[1];
                              // 16-bit floats are combined as f32: that is what the plugins do with such a reduce.
                              const auto type = e.node.shape.type;
                              const bool narrow = type == DataType::BFLOAT16 || type == DataType::FLOAT16;
                              HostArray wide(Shape(narrow ? DataType::FLOAT32 : type, e.node.shape.dims));
                              for (std::int64_t i = 0; i < wide.count(); ++i) store(wide, i, load(initial, 0));
                              std::int64_t position = 0;
                              for_each_index(e.operands[0].shape().dims, [&](const Dims& index) {
                                  Dims target;
                                  for (const auto axis : kept) target.push_back(index[static_cast<std::size_t>(axis)]);
                                  const auto at = flat_index(target, wide.shape().dims);
                                  store(wide, at,
                                        combine(*e.node.inner, load(wide, at), load(e.operands[0], position++)));
                              });
                              HostArray result(e.node.shape);
                              for (std::int64_t i = 0; i < result.count(); ++i) store(result, i, load(wide, i));
                              return {result};
                          },
                          .attributes = [](const Node& n) { return array_attribute("dimensions", n.attributes[0]); },
                          .vjp = reduce_vjp,
                          .vmap = reduce_vmap};

constinit const Op map{
    .name = "map",
    .spec = "StableHLO specification, map",
    .stablehlo = "stablehlo.map",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .attributes = [](const Node& n) { return array_attribute("dimensions", complement({}, n.shape.rank())); },
    .expand = expand_map,
    .vjp = vjp_by_expansion};

}  // namespace rows

Tensor reduce(const Binary& combiner, const Operand& x, const Operand& initial, Dims axes, bool keep_dims) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (axes.empty()) {
        axes.resize(tensor.dims().size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    for (auto& axis : axes)
        axis = normalize_axis(combiner.name == "add" ? "sum" : "reduce", axis, tensor.rank(), x.location());
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end())  // (C5)
        fail_at(Code::SHAPE_MISMATCH, x.location(), fmt::format("reduce: dimensions [{}] repeat", join(axes)));
    const Tensor start = as_tensor(initial, tensor.type());
    if (start.type() != tensor.type())
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("reduce: cannot start {} from {}", to_string(tensor.shape()), to_string(start.shape())));
    if (start.rank() != 0)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("reduce: the initial value must be a scalar, got {}", to_string(start.shape())));
    Dims dims, kept_dims = tensor.dims();
    for (const auto axis : complement(axes, tensor.rank()))
        dims.push_back(tensor.dims()[static_cast<std::size_t>(axis)]);
    for (const auto axis : axes) kept_dims[static_cast<std::size_t>(axis)] = 1;
    Shape shape(tensor.type(), std::move(dims));
    const Tensor reduced = record({.op = rows::reduce,
                                   .shape = std::move(shape),
                                   .operands = {tensor, start},
                                   .attributes = {axes},
                                   .location = x.location(),
                                   .inner = &combiner});
    return keep_dims ? reshape(reduced, std::move(kept_dims)) : reduced;
}

Tensors reduce_list(const std::function<Tensors(const Tensors&)>& combine, const Tensors& tensors,
                    const Tensors& initials, Dims axes, Location location) {
    if (tensors.empty() || tensors.size() != initials.size())  // (C1)
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("reduce: {} tensors and {} initial values", tensors.size(), initials.size()));
    for (auto& axis : axes) axis = normalize_axis("reduce", axis, tensors[0].rank(), location);
    std::sort(axes.begin(), axes.end());
    Dims dims;
    for (const auto axis : complement(axes, tensors[0].rank())) dims.push_back(tensors[0].dim(axis));
    Tensors operands = tensors, scalars = initials;
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].dims() != tensors[0].dims() ||
            !(initials[i].shape() == Shape(tensors[i].type(), {})))  // (C2), (C3)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("reduce: {} cannot go with {} from {}", to_string(tensors[i].shape()),
                                to_string(tensors[0].shape()), to_string(initials[i].shape())));
        operands.push_back(initials[i]);
        shapes.emplace_back(tensors[i].type(), dims);
    }
    scalars.insert(scalars.end(), initials.begin(), initials.end());
    return record_all({.op = rows::reduce,
                       .operands = std::move(operands),
                       .attributes = {std::move(axes)},
                       .location = location,
                       .regions = {scalar_region("reduce", combine, scalars, tensors.size(), location)},
                       .results = std::move(shapes)});
}

Tensor map_elements(const std::function<Tensors(const Tensors&)>& f, const Tensors& tensors, Location location) {
    if (tensors.empty()) fail_at(Code::INVALID_ARGUMENT, location, "map: no tensors were given");
    Tensors scalars;
    for (const auto& tensor : tensors) {
        if (tensor.dims() != tensors[0].dims())  // (C1)
            fail_at(Code::SHAPE_MISMATCH, location,
                    fmt::format("map: {} and {} have not one shape", to_string(tensors[0].shape()),
                                to_string(tensor.shape())));
        scalars.push_back(zeros({}, tensor.type()));
    }
    const GraphPtr region = scalar_region("map", f, scalars, 1, location);
    return record({.op = rows::map,
                   .shape = Shape(region->results[0].type(), tensors[0].dims()),
                   .operands = tensors,
                   .location = location,
                   .regions = {region}});
}

Tensor sum(const Operand& x, Dims axes, bool keep_dims) { return reduce(add, x, 0, std::move(axes), keep_dims); }
Tensor product(const Operand& x, Dims axes, bool keep_dims) {
    return reduce(multiply, x, 1, std::move(axes), keep_dims);
}
Tensor max(const Operand& x, Dims axes, bool keep_dims) {
    const LocationScope scope(x.location());
    return reduce(maximum, x, lowest(x.tensor().type()), std::move(axes), keep_dims);
}
Tensor min(const Operand& x, Dims axes, bool keep_dims) {
    const LocationScope scope(x.location());
    return reduce(minimum, x, highest(x.tensor().type()), std::move(axes), keep_dims);
}
Tensor any(const Operand& x, Dims axes, bool keep_dims) { return reduce(logical_or, x, 0, std::move(axes), keep_dims); }
Tensor all(const Operand& x, Dims axes, bool keep_dims) {
    return reduce(logical_and, x, 1, std::move(axes), keep_dims);
}

Tensor mean(const Operand& x, Dims axes, bool keep_dims) {
    if (!is_float(x.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("mean: takes floating-point numbers, got {}", to_string(x.tensor().shape())));
    const LocationScope scope(x.location());
    const Tensor total = sum(x, std::move(axes), keep_dims);
    const auto count = x.tensor().shape().count() / std::max<std::int64_t>(total.shape().count(), 1);
    return total / static_cast<double>(count);
}

Tensor argmax(const Operand& x, std::int64_t axis) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    axis = normalize_axis("argmax", axis, tensor.rank(), x.location());
    const Tensor index = iota(tensor.dims(), axis, DataType::INT32, x.location());
    Tensor best = equal(tensor, max(x, {axis}, true));
    if (is_float(tensor.type())) best = logical_or(best, not_equal(tensor, tensor));  // the first NaN, as JAX has it
    return min(select(best, index, static_cast<std::int32_t>(tensor.dim(axis))), {axis});
}

Tensor logsumexp(const Operand& x, std::int64_t axis, bool keep_dims) {
    const LocationScope scope(x.location());
    Tensor largest = stop_gradient(max(x, {axis}, true));
    largest = select(is_finite(largest), largest, 0);
    const Tensor total = log(sum(exp(x - largest), {axis}, true)) + largest;
    return keep_dims ? total : squeeze(total, axis);
}

Tensor identity(const Binary& combiner, DataType type) {
    if (&combiner == &add || &combiner == &logical_or || &combiner == &logical_xor) return zeros({}, type);
    if (&combiner == &multiply) return ones({}, type);
    if (&combiner == &maximum) return lowest(type);
    if (&combiner == &minimum) return highest(type);
    if (&combiner == &logical_and) return type == DataType::BOOL ? ones({}, type) : logical_not(zeros({}, type));
    fail(Code::UNIMPLEMENTED, "{} has no identity to start a reduction from", combiner.name);
}

std::optional<Tensors> vjp_from_another_start(const VjpArguments& v,
                                              const std::function<Tensor(const Tensor&)>& from_identity) {
    const auto& combiner = static_cast<const Binary&>(*v.node.inner);
    const Tensor start = v.operands[1], neutral = identity(combiner, start.type());
    if (start.node()->literal && *start.node()->literal == *neutral.node()->literal) return std::nullopt;
    const Tensors inputs{named(Operand(v.operands[0], v.node.location), {}),
                         named(Operand(start, v.node.location), {})};
    return pullback({combiner(from_identity(inputs[0]), inputs[1])}, {v.cotangent}, inputs).gradients;
}

Tensor lowest(DataType type) { return extreme(type, false); }
Tensor highest(DataType type) { return extreme(type, true); }

std::span<const Op* const> reduction_ops() {
    static constexpr std::array ROWS{&rows::reduce, &rows::map};
    return ROWS;
}

}  // namespace podium
