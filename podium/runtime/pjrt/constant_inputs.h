#pragma once

#include "podium/ir/graph.h"

namespace podium {

/// True if `graph`, regions included, has an operation that the CPU plugin's constant folding is known or likely to get
/// wrong, and all of its inputs are computed from constants: gathers and what else moves or combines elements, min and
/// max (NaNs), additions of booleans. Other elementwise operations it folds rightly.
bool has_constant_inputs(const Graph& graph);

}  // namespace podium
