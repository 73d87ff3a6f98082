#include <cmath>

#include "podium/base/dims.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"
#include "podium/onnx/window.h"

namespace podium::onnx {
namespace {

/// Returns scales or zero points so that they broadcast over x: one for all, for each place along the axis, or for each
/// block of places.
Tensor spread_over(const Call& call, const Tensor& values, const Tensor& x) {
    if (values.shape().count() == 1 && values.rank() <= 1) return reshape(values, {});
    const auto axis = axis_of(call, call.integer("axis", 1), x.rank());
    const auto block = call.integer("block_size", 0);
    if (block == 0) return along_axis(values, axis, x.rank());
    if (block < 0 || values.rank() != x.rank()) call.refuse("its blocks have no size, or not x's dimensions");
    return slice_axis(repeat(values, block, axis), axis, 0, x.dim(axis));
}

/// Returns numbers rounded to the integers that the type has, or to floats of 8 bits and fewer.
Tensor to_storage(const Tensor& x, DataType type, bool saturate = true) {
    if (!is_integer(type)) return cast(x, type, saturate);
    const auto bits = static_cast<int>(size_bits(type));
    const double least = is_unsigned(type) ? 0 : -std::ldexp(1.0, bits - 1);
    const double greatest = std::ldexp(1.0, is_unsigned(type) ? bits : bits - 1) - 1;
    return cast(clip(round(x), least, greatest), type);
}

DataType type_of(const Call& call, std::string_view attribute, DataType otherwise) {
    const auto number = call.integer(attribute, 0);
    if (number == 0) return otherwise;
    const auto type = data_type_numbered(number);
    if (!type) call.refuse(fmt::format("attribute {} is the number of no type of numbers", attribute));
    return *type;
}

Tensors quantize_linear(const Call& call) {
    const auto type = call.has(2) ? call.in(2).type() : type_of(call, "output_dtype", DataType::UINT8);
    const auto precision = type_of(call, "precision", DataType::FLOAT32);
    const Tensor x = convert(call.in(0), precision);
    Tensor scaled = x / convert(spread_over(call, call.in(1), x), precision);
    if (is_integer(type)) scaled = round(convert(scaled, DataType::FLOAT32));
    if (call.has(2)) scaled = scaled + convert(spread_over(call, call.in(2), x), scaled.type());
    return {to_storage(scaled, type, call.flag("saturate", true))};
}

Tensors dequantize_linear(const Call& call) {
    const Tensor& x = call.in(0);
    Tensor wide = convert(x, DataType::FLOAT32);
    if (call.has(2)) wide = wide - convert(spread_over(call, call.in(2), x), DataType::FLOAT32);
    const Tensor result = wide * convert(spread_over(call, call.in(1), x), DataType::FLOAT32);
    return {convert(result, type_of(call, "output_dtype", call.in(1).type()))};
}

Tensors dynamic_quantize_linear(const Call& call) {
    const Tensor& x = call.in(0);
    const Tensor greatest = maximum(max(x), 0.0), least = minimum(min(x), 0.0);
    const Tensor width = greatest - least;
    const Tensor scale = select(equal(width, zeros_like(width)), ones_like(width), width) / 255.0;
    const Tensor zero = clip(round(-(least / scale)), 0.0, 255.0);
    return {to_storage(round(x / scale) + zero, DataType::UINT8), scale, cast(zero, DataType::UINT8)};
}

/// Returns integers less their zero point, where the point is one or one for each row or column along `axis`.
Tensor centered(const Tensor& x, const Tensor& zero_point, std::int64_t axis) {
    Tensor wide = convert(x, DataType::INT32);
    if (!zero_point.defined()) return wide;
    const Tensor zero = convert(zero_point, DataType::INT32);
    return wide - (zero.shape().count() == 1 ? reshape(zero, {}) : along_axis(zero, axis, x.rank()));
}

Tensors qlinear_matmul(const Call& call) {
    const Tensor &a = call.in(0), &b = call.in(3);
    const auto row = [](const Tensor& values, const Tensor& x) {
        return values.rank() == 1 && values.dim(0) > 1 ? along_axis(values, x.rank() - 2, x.rank()) : values;
    };
    const Tensor zero_a = row(call.in(2), a);
    const Tensor product = matmul(convert(a, DataType::INT32) - convert(zero_a, DataType::INT32),
                                  convert(b, DataType::INT32) - convert(call.in(5), DataType::INT32));
    const auto wide = [](const Tensor& x) { return convert(x, DataType::FLOAT32); };
    const Tensor scale = row(wide(call.in(1)), a) * wide(call.in(4)) / wide(call.in(6));
    return {to_storage(wide(product) * scale + wide(call.in(7)), call.in(7).type())};
}

Tensors qlinear_conv(const Call& call) {
    const Tensor x = centered(call.in(0), call.in(2), 1), weight = centered(call.in(3), call.in(5), 0);
    Tensor sums = convolve_channels_first(call, x, weight);
    if (call.has(8)) sums = sums + along_axis(call.in(8), 1, sums.rank());
    const Tensor scale = call.in(1) * call.in(4) / call.in(6);
    const Tensor by_channel = scale.shape().count() == 1 ? reshape(scale, {}) : along_axis(scale, 1, sums.rank());
    const Tensor scaled = convert(sums, DataType::FLOAT32) * by_channel;
    return {to_storage(round(scaled) + convert(call.in(7), DataType::FLOAT32), call.in(7).type())};
}

constexpr NodeRow QUANTIZATION_ROWS[] = {
    {"", "DequantizeLinear", 1, dequantize_linear}, {"", "DynamicQuantizeLinear", 1, dynamic_quantize_linear},
    {"", "QLinearConv", 1, qlinear_conv},           {"", "QLinearMatMul", 1, qlinear_matmul},
    {"", "QuantizeLinear", 1, quantize_linear},
};

}  // namespace

std::span<const NodeRow> quantization_rows() { return QUANTIZATION_ROWS; }

}  // namespace podium::onnx
