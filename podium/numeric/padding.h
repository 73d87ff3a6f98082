#pragma once

#include "podium/ir/ops.h"

namespace podium {

/// What stands outside of an array.
enum class PadMode {
    CONSTANT,     ///< `value`
    EDGE,         ///< the element at the edge
    REFLECT,      ///< the elements backwards, without the one at the edge: c b | a b c | b a
    SYMMETRIC,    ///< the elements backwards: b a | a b c | c b
    WRAP,         ///< the elements from the other end: b c | a b c | a b
    LINEAR_RAMP,  ///< equal steps from the edge to `value`
    MAXIMUM,      ///< the greatest element along the axis
    MINIMUM,
    MEAN,
};

/// Returns `x` with `low` elements before and `high` after it along each dimension, one axis after another. Neither is
/// negative; where elements are repeated there must be one at least, else throws SHAPE_MISMATCH. Source: numpy.pad.
Tensor pad_mode(const Operand& x, const Dims& low, const Dims& high, PadMode mode, const Operand& value = 0);

}  // namespace podium
