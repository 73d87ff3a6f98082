#include "podium/nn/float8.h"

#include <cmath>

#include "podium/transform/custom.h"

namespace podium::nn {
namespace {

/// Returns the scale at which `greatest` becomes the type's greatest number; 1 where all is zero and any will do.
Tensor scale_of(const Tensor& greatest, DataType type) {
    return select(equal(greatest, 0.0), ones_like(greatest), greatest / greatest_number(type));
}

/// Returns the product of what the sides stand for.
Tensor scaled_product(const Scaled& lhs, const Scaled& rhs) {
    const DataType type = lhs.scale.type();
    return matmul(convert(lhs.values, type), convert(rhs.values, type)) * (lhs.scale * rhs.scale);
}

Scaled transposed(const Scaled& matrix) { return {transpose(matrix.values), matrix.scale}; }

Scaled scaled(const Tensor& x, const Tensor& scale, DataType type) {
    return scale.defined() ? Scaled{scaled_by(x, scale, type), scale} : scaled_to(x, type);
}

}  // namespace

double greatest_number(DataType type) {
    const auto bits = size_bits(type);
    if (is_signed_integer(type)) return std::ldexp(1.0, static_cast<int>(bits) - 1) - 1;
    if (!is_float(type) || bits > 8)
        fail(Code::DTYPE_MISMATCH, "scaled: takes signed integers and floats of at most 8 bits, got {}", name(type));
    HostArray all(Shape(type, {std::int64_t{1} << bits}));
    double greatest = 0;
    for (std::int64_t i = 0; i < all.count(); ++i) {
        all.mutable_data()[i] = static_cast<std::byte>(i);
        if (std::isfinite(all.as_double(i))) greatest = std::max(greatest, all.as_double(i));
    }
    return greatest;
}

Tensor scaled_by(const Operand& x, const Tensor& scale, DataType type) {
    const LocationScope scope(x.location());
    const double greatest = greatest_number(type);
    const Tensor units = clamp(-greatest, divide(x, scale), greatest);
    return convert(is_integer(type) ? round(units) : units, type);
}

Scaled scaled_to(const Operand& x, DataType type, std::optional<std::int64_t> axis) {
    const LocationScope scope(x.location());
    const auto rank = x.tensor().rank();
    const Dims others = complement(axis ? Dims{normalize_axis("scaled_to", *axis, rank, x.location())} : Dims{}, rank);
    const Tensor magnitudes = abs(x);
    const Tensor scale = scale_of(others.empty() ? magnitudes : max(magnitudes, others, axis.has_value()), type);
    return {scaled_by(x, scale, type), scale};
}

Tensor straight_through(const Operand& x, DataType type, std::optional<std::int64_t> axis) {
    const TensorFunction left = [&](const Tensors& in) {
        const Scaled scaled = scaled_to(in[0], type, axis);
        return Tensors{convert(scaled.values, scaled.scale.type()) * scaled.scale};
    };
    return custom_vjp_list(
        left, left, [](const Tensors& cotangents) { return cotangents; }, {x.tensor()}, x.location())[0];
}

Tensor float8_matmul(const Tensor& x, const Tensor& weight, const Float8Scales& scales) {
    constexpr DataType FORWARD = DataType::FLOAT8_E4M3FN, BACKWARD = DataType::FLOAT8_E5M2;
    const auto both = [=](const Tensor& rows, const Tensor& matrix) {
        return std::pair(scaled(rows, scales.x, FORWARD), scaled(matrix, scales.weight, FORWARD));
    };
    const auto product = custom_vjp(
        [=](const Tensor& rows, const Tensor& matrix) {
            const auto [lhs, rhs] = both(rows, matrix);
            return scaled_product(lhs, rhs);
        },
        [=](const Tensor& rows, const Tensor& matrix) {
            const auto [lhs, rhs] = both(rows, matrix);
            return std::pair(scaled_product(lhs, rhs), std::tuple(lhs.values, lhs.scale, rhs.values, rhs.scale));
        },
        [](const std::tuple<Tensor, Tensor, Tensor, Tensor>& kept, const Tensor& cotangent) {
            const auto& [rows, rows_scale, matrix, matrix_scale] = kept;
            const Scaled gradient = scaled_to(cotangent, BACKWARD);
            return std::tuple(scaled_product(gradient, transposed({matrix, matrix_scale})),
                              scaled_product(transposed({rows, rows_scale}), gradient));
        });
    Dims dims = x.dims();
    const auto inputs = dims.back();
    dims.back() = weight.dim(1);
    return reshape(product(reshape(x, {x.shape().count() / inputs, inputs}), weight), dims);
}

Tensor delayed_scale(const Tensor& history, DataType type) { return scale_of(max(history), type); }

Tensor with_magnitude(const Tensor& history, const Operand& x) {
    const LocationScope scope(x.location());
    const Tensor newest = convert(reshape(max(abs(x)), {1}), history.type());
    return concatenate({newest, slice_axis(history, 0, 0, history.dim(0) - 1)}, 0);
}

}  // namespace podium::nn
