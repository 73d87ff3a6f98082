#pragma once

#include <optional>

#include "podium/ir/ops.h"

namespace podium {

/// Returns `x` where `condition` (bool, or numbers that are not 0) holds, else `y`; all broadcast together. The row
/// `select` is the same for bools. Source: numpy.where.
Tensor where(const Operand& condition, const Operand& x, const Operand& y);
/// Returns `x` with elements below `low` and above `high` replaced by them; `high` wins where they cross. All broadcast
/// together, which the row `clamp` does not need. Source: numpy.clip.
Tensor clip(const Operand& x, const Operand& low, const Operand& high);

/// Returns a bool for each element: true where it is NaN; never for integers.
Tensor is_nan(const Operand& x);

/// What stands for elements that are no finite numbers; infinities are the type's greatest and least finite numbers
/// where nothing is given.
struct NanToNumOptions {
    double nan = 0.0;
    std::optional<double> positive_infinity = {}, negative_infinity = {};
};
/// Returns `x` with NaN and infinities replaced. Source: numpy.nan_to_num.
Tensor nan_to_num(const Operand& x, const NanToNumOptions& options = {});

struct CloseOptions {
    double relative = 1e-5, absolute = 1e-8;
    bool equal_nan = false;  ///< NaN is close to NaN
};
/// Returns bools: |x − y| ≤ absolute + relative · |y|; infinities are close to themselves. Source: numpy.isclose.
Tensor isclose(const Operand& x, const Operand& y, const CloseOptions& options = {});
/// Returns a bool scalar: whether all elements are close.
Tensor allclose(const Operand& x, const Operand& y, const CloseOptions& options = {});

}  // namespace podium
