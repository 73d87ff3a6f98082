#include "podium/onnx/arithmetic.h"

#include <algorithm>

#include "podium/numeric/numeric.h"

namespace podium::onnx {
namespace {

/// Returns the greatest finite number of a float of at most 8 bits. Source: the OCP 8-bit and MX specifications.
double greatest_of(DataType type) {
    switch (type) {
        case DataType::FLOAT8_E4M3FN: return 448.0;
        case DataType::FLOAT8_E4M3FNUZ: return 240.0;
        case DataType::FLOAT8_E8M0FNU: return 0x1p127;
        case DataType::FLOAT4_E2M1FN: return 6.0;
        default: return 57344.0;  // both of e5m2
    }
}

}  // namespace

Tensor cast(const Tensor& x, DataType type, bool saturate) {
    if (type == x.type()) return x;
    if (type == DataType::BOOL) return not_equal(x, zeros_like(x));
    const bool to_short = is_float(type) && size_bytes(type) == 1;
    if (to_short && is_float(x.type()) && type != DataType::FLOAT8_E8M0FNU) {
        const Tensor wide = size_bytes(x.type()) < 4 ? convert(x, DataType::FLOAT32) : x;
        if (saturate) {
            const double greatest = greatest_of(type);
            return convert(select(is_nan(wide), wide, clip(wide, -greatest, greatest)), type);
        }
        return convert(wide, type);
    }
    // What is not whole loses its fraction first, and then its high bits.
    if (is_integer(type) && size_bits(type) < 8 && is_float(x.type()))
        return convert(convert(x, DataType::INT32), type);
    return convert(x, type);
}

Tensor padded_or_cut(const Tensor& x, const Tensor& value, Dims low, Dims high, const Dims& interior) {
    Dims starts(low.size(), 0), cut(low.size(), 0);
    for (std::size_t i = 0; i < low.size(); ++i) {
        starts[i] = std::max<std::int64_t>(-low[i], 0);
        cut[i] = std::max<std::int64_t>(-high[i], 0);
        low[i] = std::max<std::int64_t>(low[i], 0);
        high[i] = std::max<std::int64_t>(high[i], 0);
    }
    const Tensor padded = pad(x, value, low, high, interior);
    Dims limits = padded.dims();
    for (std::size_t i = 0; i < limits.size(); ++i) limits[i] -= cut[i];
    return slice(padded, starts, limits);
}

Tensor along_axis(const Tensor& x, std::int64_t axis, std::int64_t rank) {
    Dims dims = x.dims();
    while (static_cast<std::int64_t>(dims.size()) + axis < rank) dims.push_back(1);
    return reshape(x, dims);
}

std::int64_t axis_of(const Call& call, std::int64_t axis, std::int64_t rank) {
    if (axis < -rank || axis >= rank) call.refuse(fmt::format("there is no axis {} among {}", axis, rank));
    return axis < 0 ? axis + rank : axis;
}

Dims axes_of(const Call& call, const Dims& axes, std::int64_t rank) {
    Dims from_front;
    for (const auto axis : axes) from_front.push_back(axis_of(call, axis, rank));
    return from_front;
}

Tensor constant_like(const Tensor& x, const std::vector<double>& values) {
    return convert(constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values)), x.type());
}

}  // namespace podium::onnx
