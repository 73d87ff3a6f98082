#pragma once

#include "podium/emit/kernel.h"

namespace podium {

/// Returns the graph without composites, its regions included; with `cpu_forms`, products are in the form that XLA's
/// CPU compiler is fast at: two-dimensional, or batched with the batch first; and where `library` says so, they and
/// convolutions are calls (emit/library_calls.h). `merges` is false where a mesh splits more than first dimensions:
/// such forms, and reductions over one merged dimension, would have to gather what is split.
Graph lower(const Graph& graph, bool cpu_forms, LibraryUse library = {}, bool merges = true);

}  // namespace podium
