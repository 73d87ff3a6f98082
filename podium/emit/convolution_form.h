#pragma once

#include <optional>

#include "podium/ir/graph.h"

namespace podium {

/// Returns the convolution as one matrix product, where its kernel has one element or each of its results has one:
/// those of residual networks' shortcuts, and the gradients of such kernels. XLA's CPU compiler makes slow loops of
/// them.
std::optional<Tensor> convolution_as_product(const Node& convolution);

}  // namespace podium
