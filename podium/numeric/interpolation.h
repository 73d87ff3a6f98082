#pragma once

#include <optional>

#include "podium/ir/ops.h"

namespace podium {

/// What stands left and right of all points; the first and the last value where nothing is given.
struct InterpolateOptions {
    std::optional<double> left = {}, right = {};
};
/// Returns, at each `x`, the value on the line through the two nearest of the points (xs, values): vectors of one
/// length, `xs` ascending. All are floats of one type. Source: numpy.interp.
Tensor interpolate(const Operand& x, const Operand& xs, const Operand& values, const InterpolateOptions& options = {});

enum class ResizeMethod {
    NEAREST,
    LINEAR,    ///< triangle
    CUBIC,     ///< Keys' kernel, a = −0.5. Source: Keys 1981, IEEE Transactions ASSP 29(6), equation 15
    LANCZOS3,  ///< sinc(x) sinc(x / 3)
    LANCZOS5,
};
/// Returns `x` sampled again at `dims`, dimension by dimension; the centres of elements lie at halves. Where there
/// become fewer elements, `antialias` widens the kernel so that all of them count. x: floats, or any type for NEAREST.
/// Source: jax.image.resize.
Tensor resize(const Operand& x, const Dims& dims, ResizeMethod method, bool antialias = true);

/// What stands outside of an array.
enum class Outside {
    CONSTANT,  ///< `value`
    NEAREST,   ///< the element at the edge
    WRAP,      ///< a b c | a b c | a b c
    MIRROR,    ///< c b | a b c | b a
    REFLECT,   ///< b a | a b c | c b
};
struct MapCoordinatesOptions {
    int order = 1;  ///< 0: the nearest element; 1: linear
    Outside outside = Outside::CONSTANT;
    double value = 0.0;
};
/// Returns `x` at coordinates in elements: one float tensor for each dimension of `x`, all of the result's dimensions.
/// Source: jax.scipy.ndimage.map_coordinates.
Tensor map_coordinates(const Operand& x, const Tensors& coordinates, const MapCoordinatesOptions& options = {});

}  // namespace podium
