#pragma once

#include <string>
#include <vector>

#include "podium/runs/curve.h"

namespace podium {

/// Returns the curve as `rows` lines of `columns` characters (UTF-8; Braille, two by four dots each), the greatest
/// and the least value beside the first and the last line. Nothing where fewer than two values are finite.
std::vector<std::string> terminal_plot(const Curve& curve, std::size_t columns, std::size_t rows);

}  // namespace podium
