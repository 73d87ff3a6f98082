#pragma once

#include "podium/proof/allowances.h"

namespace podium::proof {

/// How a result differs from what was expected.
struct Difference {
    double ulps = 0.0;  ///< of the worst element; 0: exact; infinite where no distance can be told
    bool exact = true, allowed = true;
    std::int64_t element = -1;  ///< the worst, row-major
    std::string text;           ///< where the worst element is, and what was found there; empty where exact
};
/// Compares results of a row on operands of `type`. A NaN equals a NaN; zeros of either sign differ by one unit.
/// `without_denormals` is what is expected of flushed operands: a processor may take any denormal number for zero, and
/// approximations, which lose bits of it, may lie between.
Difference compare(const Tolerance& tolerance, DataType type, const HostArray& found, const HostArray& expected,
                   const HostArray& without_denormals);

}  // namespace podium::proof
