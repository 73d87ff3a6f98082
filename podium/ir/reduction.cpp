#include "podium/ir/reduction.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

/// Returns `reduced` repeated along `axes` to the shape of `x`.
Tensor spread(const Tensor& reduced, const Tensor& x, const Dims& axes) {
    return broadcast_in_dim(reduced, x.dims(), complement(axes, x.rank()));
}

Tensor extreme(DataType type, bool highest) {
    HostArray array{Shape(type, {})};
    with_element_type(type, [&]<class T>() {
        if constexpr (std::is_integral_v<T>)
            store(array, 0,
                  Number(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(
                      highest ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest())));
        else
            store(array, 0,
                  highest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity());
    });
    return constant(array);
}

Tensors reduce_vjp(const VjpArguments& v) {
    const Tensor& x = v.operands[0];
    const Dims& axes = v.node.attributes[0];
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

}  // namespace

namespace rows {

constinit const Op reduce{.name = "reduce",
                          .spec = "StableHLO specification, reduce, one input and a combiner row",
                          .stablehlo = "stablehlo.reduce",
                          .kind = Kind::STRUCTURAL,
                          .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
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
                          .vjp = reduce_vjp};

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

Tensor lowest(DataType type) { return extreme(type, false); }
Tensor highest(DataType type) { return extreme(type, true); }

std::span<const Op* const> reduction_ops() {
    static constexpr std::array ROWS{&rows::reduce};
    return ROWS;
}

}  // namespace podium
