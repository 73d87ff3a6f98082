#pragma once

#include "podium/onnx/call.h"

namespace podium::onnx {

/// Returns f(x), computed in f32 where x is a shorter floating-point number.
template <class F>
Tensor computed_wide(const Tensor& x, F f) {
    if (!is_float(x.type()) || size_bytes(x.type()) >= 4) return f(x);
    return convert(f(convert(x, DataType::FLOAT32)), x.type());
}

/// Returns `x` as Cast gives it: floats that become integers lose their fraction, all but zero is true, and what is too
/// large for a float of 8 bits becomes its greatest number where it saturates.
Tensor cast(const Tensor& x, DataType type, bool saturate = true);

/// Returns `x` with so many zeros, or copies of `value`, around it; negative numbers cut.
Tensor padded_or_cut(const Tensor& x, const Tensor& value, Dims low, Dims high, const Dims& interior = {});

/// Returns x (which may have fewer dimensions) with dimension 0 of it being dimension `axis` of `rank`.
Tensor along_axis(const Tensor& x, std::int64_t axis, std::int64_t rank);

/// Returns the axis counted from the front; throws INVALID_DATA, naming the node.
std::int64_t axis_of(const Call& call, std::int64_t axis, std::int64_t rank);
Dims axes_of(const Call& call, const Dims& axes, std::int64_t rank);

/// Returns the constant of x's type with those dimensions.
Tensor constant_like(const Tensor& x, const std::vector<double>& values);

}  // namespace podium::onnx
