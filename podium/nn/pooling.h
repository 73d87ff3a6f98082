#pragma once

#include "podium/nn/padding.h"

namespace podium::nn {

/// Where windows lie; every member has one number for each spatial dimension.
struct PoolOptions {
    Dims window = {};
    Dims strides = {};  ///< the window's sizes where empty
    Padding padding = Padding::VALID;
    Channels channels = Channels::LAST;
};
/// Returns the greatest element of each window. x: [batch, …, channels] or [batch, channels, …]. Throws SHAPE_MISMATCH.
Tensor max_pool(const Operand& x, const PoolOptions& options);
/// Returns the mean of each window: padding counts as zeros, or, without `count_include_pad`, not at all. x: floats.
Tensor average_pool(const Operand& x, const PoolOptions& options, bool count_include_pad = true);

/// Returns [batch, channels]: the greatest element, and the mean, of all that lies between.
Tensor global_max_pool(const Operand& x, Channels channels = Channels::LAST);
Tensor global_average_pool(const Operand& x, Channels channels = Channels::LAST);

}  // namespace podium::nn
