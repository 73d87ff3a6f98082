#pragma once

#include <optional>

#include "podium/ir/ops.h"

namespace podium {

/// Returns [length]: how often 0, 1, … are among the elements of `x` (integers), or the sum of their `weights`, of x's
/// shape; others are left out. i32, or the weights' type. Source: jax.numpy.bincount.
Tensor bincount(const Operand& x, std::int64_t length, const std::optional<Tensor>& weights = {});
/// Returns i32 numbers of the bins that elements of `x` lie in, x's shape: 0 is below the first of the ascending edges,
/// and a bin has its lower edge, or its upper one where `right`. Source: numpy.digitize.
Tensor digitize(const Operand& x, const Operand& edges, bool right = false);

struct HistogramOptions {
    std::optional<Tensor> weights = {};  ///< of x's shape: how often each element counts
    bool density = false;                ///< a share of all for each unit of x: floats of the edges' type
};
struct Histogram {
    Tensor counts;  ///< [bins]: i32, or the weights' type
    Tensor edges;   ///< [bins + 1]
};
/// Returns how many elements of `x` (floats) lie in each of `bins` equal bins from `low` to `high`, which the last bin
/// has; what is outside and NaN are left out. Source: numpy.histogram.
Histogram histogram(const Operand& x, std::int64_t bins, const Operand& low, const Operand& high,
                    const HistogramOptions& options = {});
/// The same between neighbours of the ascending vector `edges`.
Histogram histogram(const Operand& x, const Tensor& edges, const HistogramOptions& options = {});

}  // namespace podium
