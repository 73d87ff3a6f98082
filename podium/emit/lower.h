#pragma once

#include "podium/ir/graph.h"

namespace podium {

/// Returns the graph without composites, its regions included; with `cpu_forms`, products are in the form that XLA's
/// CPU compiler is fast at: two-dimensional, or batched with the batch first.
Graph lower(const Graph& graph, bool cpu_forms);

}  // namespace podium
