#pragma once

#include "podium/ir/convolution.h"

namespace podium {

/// Returns what a convolution node was recorded with.
ConvolutionOptions convolution_options(const Node& convolution);

}  // namespace podium
