#pragma once

#include <string>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

struct EmitOptions {
    bool locations = true;  ///< each op carries the user's source line; keys of caches leave them out
    bool cpu_forms = true;  ///< two-dimensional and heads-first products, which XLA's CPU compiler is fast at
    /// How parameters and results are split, instead of what their shapes say, in Shardy's words: `[{"data"}p1, {}]`;
    /// empty is open to the compiler. A vector that is empty says nothing.
    std::vector<std::string> parameter_splits = {}, result_splits = {};
};

/// Returns the graph as a StableHLO module in MLIR's generic form, with Shardy annotations where the mesh has several
/// devices.
std::string stablehlo(const Graph& graph, const Mesh& mesh, const EmitOptions& options = {});

}  // namespace podium
