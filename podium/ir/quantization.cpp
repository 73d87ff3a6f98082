#include "podium/ir/quantization.h"

#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/expansion.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

enum : std::size_t { SCALE_AXIS, STORAGE };

DataType storage_of(const Node& node) { return static_cast<DataType>(node.integer(STORAGE)); }

/// The least and the greatest integer of a type.
std::pair<double, double> bounds(DataType storage) {
    const auto bits = static_cast<int>(size_bits(storage));
    return is_unsigned(storage) ? std::pair(0.0, std::ldexp(1.0, bits) - 1)
                                : std::pair(-std::ldexp(1.0, bits - 1), std::ldexp(1.0, bits - 1) - 1);
}

/// A node's scale or zero point, spread over its first operand.
Tensor spread_over(const Node& node, std::size_t operand) {
    const Tensor& values = node.operands[operand];
    const Dims dimensions = values.rank() == 0 ? Dims{} : Dims{node.integer(SCALE_AXIS)};
    return broadcast_in_dim(values, node.operands[0].dims(), dimensions);
}

/// x in units of the scale, from zero, not rounded and not bounded.
Tensor in_units(const Node& node) { return node.operands[0] / spread_over(node, 1) + spread_over(node, 2); }

/// Source: StableHLO specification, quantize.
Tensors expand_quantize(const Node& node) {
    const LocationScope scope(node.location);
    const auto [least, greatest] = bounds(storage_of(node));
    return {convert(round(clamp(least, in_units(node), greatest)), storage_of(node))};
}

Tensors expand_dequantize(const Node& node) {
    const LocationScope scope(node.location);
    const DataType type = node.operands[1].type();
    return {(convert(node.operands[0], type) - spread_over(node, 2)) * spread_over(node, 1)};
}

Tensors expand_fake(const Node& node) {
    const LocationScope scope(node.location);
    const auto [least, greatest] = bounds(storage_of(node));
    return {(round(clamp(least, in_units(node), greatest)) - spread_over(node, 2)) * spread_over(node, 1)};
}

Tensors fake_vjp(const VjpArguments& v) {
    const auto [least, greatest] = bounds(storage_of(v.node));
    const Tensor units = in_units(v.node);
    const Tensor inside = logical_and(greater_equal(units, least), less_equal(units, greatest));
    const Tensor whole = round(clamp(least, units, greatest)) - spread_over(v.node, 2);
    const Tensor by_scale = v.cotangent * (whole - select(inside, v.operands[0] / spread_over(v.node, 1), 0.0));
    const bool one = v.operands[1].rank() == 0;
    const Dims summed =
        one ? complement({}, v.result.rank()) : complement({v.node.integer(SCALE_AXIS)}, v.result.rank());
    return {select(inside, v.cotangent, 0.0),
            summed.empty() ? reshape(by_scale, v.operands[1].dims()) : sum(by_scale, summed),
            {}};
}

Tensor record_quantization(const Op& op, const Operand& x, const Quantization& quantization, DataType result) {
    const Tensor &tensor = x.tensor(), &scale = quantization.scale;
    const Tensor zero = quantization.zero_point.defined() ? quantization.zero_point : zeros_like(scale);
    const auto& where = x.location();
    std::int64_t axis = 0;
    if (scale.rank() > 0) axis = normalize_axis(op.name, quantization.axis, tensor.rank(), where);
    const bool fits = scale.rank() == 0 || (scale.rank() == 1 && scale.dim(0) == tensor.dim(axis));
    if (!fits || zero.dims() != scale.dims())
        fail_at(
            Code::SHAPE_MISMATCH, where,
            fmt::format("{}: the scale {} and zero point {} are not one for all of {}, nor one for each place along "
                        "an axis",
                        op.name, to_string(scale.shape()), to_string(zero.shape()), to_string(tensor.shape())));
    if (!is_float(scale.type()) || zero.type() != scale.type() || !is_integer(quantization.storage) ||
        size_bits(quantization.storage) > 32)
        fail_at(
            Code::DTYPE_MISMATCH, where,
            fmt::format("{}: takes floating-point scales and zero points of one type and integers of at most 32 bits, "
                        "got {}, {} and {}",
                        op.name, to_string(scale.shape()), to_string(zero.shape()), name(quantization.storage)));
    return record({.op = op,
                   .shape = Shape(result, tensor.dims()),
                   .operands = {tensor, scale, zero},
                   .attributes = {{axis}, {static_cast<std::int64_t>(quantization.storage)}},
                   .location = where});
}

void expect_type(std::string_view op, const Operand& x, DataType type) {
    if (x.tensor().type() != type)
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes {}, got {}", op, name(type), to_string(x.tensor().shape())));
}

}  // namespace

namespace rows {

constinit const Op uniform_quantize{.name = "uniform_quantize",
                                    .spec = "StableHLO specification, uniform_quantize; lowered, as plugins refuse it",
                                    .kind = Kind::COMPOSITE,
                                    .types = Types::FLOAT,
                                    .expand = expand_quantize,
                                    .vjp = "rounds to integers: train with fake_quantize"};
constinit const Op uniform_dequantize{
    .name = "uniform_dequantize",
    .spec = "StableHLO specification, uniform_dequantize; lowered, as plugins refuse it",
    .kind = Kind::COMPOSITE,
    .types = Types::INTEGER,
    .expand = expand_dequantize,
    .vjp = vjp_by_expansion};
constinit const Op fake_quantize{
    .name = "fake_quantize",
    .spec = "podium: quantized and dequantized, with a gradient that goes straight through",
    .kind = Kind::COMPOSITE,
    .types = Types::FLOAT,
    .expand = expand_fake,
    .vjp = fake_vjp};

}  // namespace rows

Tensor uniform_quantize(const Operand& x, const Quantization& quantization) {
    expect_type("uniform_quantize", x, quantization.scale.type());
    return record_quantization(rows::uniform_quantize, x, quantization, quantization.storage);
}

Tensor uniform_dequantize(const Operand& integers, const Quantization& quantization) {
    expect_type("uniform_dequantize", integers, quantization.storage);
    return record_quantization(rows::uniform_dequantize, integers, quantization, quantization.scale.type());
}

Tensor fake_quantize(const Operand& x, const Quantization& quantization) {
    expect_type("fake_quantize", x, quantization.scale.type());
    return record_quantization(rows::fake_quantize, x, quantization, x.tensor().type());
}

Quantized quantize_symmetric(const Operand& x, DataType storage, std::optional<std::int64_t> axis) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    Dims others = complement({}, tensor.rank());
    if (axis) {
        axis = normalize_axis("quantize_symmetric", *axis, tensor.rank(), x.location());
        others = complement({*axis}, tensor.rank());
    }
    const Tensor largest = others.empty() ? abs(x) : max(abs(x), others);
    const Tensor safe = select(equal(largest, 0.0), ones_like(largest), largest);  // all zeros need no scale
    Quantization quantization{.scale = safe / bounds(storage).second, .axis = axis.value_or(-1), .storage = storage};
    return {uniform_quantize(x, quantization), quantization};
}

std::span<const Op* const> quantization_ops() {
    static constexpr std::array ROWS{&rows::uniform_quantize, &rows::uniform_dequantize, &rows::fake_quantize};
    return ROWS;
}

}  // namespace podium
