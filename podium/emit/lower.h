#pragma once

#include "podium/emit/kernel.h"

namespace podium {

/// Returns the graph without composites, its regions included; with `cpu_forms`, products are in the form that XLA's
/// CPU compiler is fast at: two-dimensional, or batched with the batch first; and where `library` says so, they and
/// convolutions are calls (emit/library_calls.h).
Graph lower(const Graph& graph, bool cpu_forms, LibraryUse library = {});

}  // namespace podium
