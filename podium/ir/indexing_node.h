#pragma once

#include "podium/ir/indexing.h"

namespace podium {

/// Returns what a scatter node was recorded with.
ScatterDimensions scatter_dimensions(const Node& scatter);

}  // namespace podium
