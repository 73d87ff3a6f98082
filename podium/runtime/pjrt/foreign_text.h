#pragma once

#include <string>
#include <string_view>

namespace podium {

/// Returns StableHLO text that others wrote with optimization barriers before the operations on constants that XLA's
/// CPU plugin folds wrongly while it reads a program: maximum, minimum and clamp of floating-point and complex numbers
/// (NaN is lost) and add of booleans (it becomes XOR). One statement a line is assumed, as MLIR prints them.
std::string with_barriers(std::string_view text);

}  // namespace podium
