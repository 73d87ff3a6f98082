#pragma once

#include <span>

#include "podium/ir/graph.h"

namespace podium {

/// Returns the floating-point operations of the matrix products and convolutions that the roots need: a multiplication
/// and an addition for each pair of numbers that meet; loops of known length count as often as they run, others once.
double matmul_flops(std::span<const Tensor> roots);

}  // namespace podium
