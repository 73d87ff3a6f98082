#pragma once

#include "podium/onnx/call.h"

namespace podium::onnx {

/// Where the windows of a convolution or pooling lie, one number for each spatial dimension.
struct SpatialWindow {
    Dims sizes, strides, dilations;
    Dims low, high;  ///< padding
    Dims extra;      ///< how much further `high` reaches, so that a last window that begins inside fits: ceil_mode
};

/// Returns the window of a node whose spatial dimensions and window have these sizes; throws INVALID_DATA.
SpatialWindow spatial_window(const Call& call, const Dims& spatial, const Dims& sizes);

/// Returns the dimensions behind the first two.
Dims spatial_dims(const Call& call, const Tensor& x);

/// Returns the convolution of channels first, without bias.
Tensor convolve_channels_first(const Call& call, const Tensor& x, const Tensor& weight);

}  // namespace podium::onnx
