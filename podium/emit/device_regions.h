#pragma once

#include <string>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

/// What each device of a mesh computes by itself, as one operation whose region is that program. Its label says in
/// Shardy's words how operands and results are split. The emitter's own: graphs that users make have no such node.
/// Source: Shardy, sdy.manual_computation.
extern const Op DEVICE_REGION;

/// Returns how a tensor is split by `axes`, as Shardy spells it; dimensions not named are whole.
std::string split_text(const std::vector<std::string>& axes, std::int64_t rank);

/// Returns the graph with what lies between `to_shards` and `from_shards` in as few regions as there are turns from one
/// to the other. What a later region takes from an earlier one, as gradients do, goes through the program as a tensor
/// that has every device's piece. Throws INVALID_ARGUMENT where whole tensors and pieces meet in one operation.
Graph with_device_regions(const Graph& graph, const Mesh& mesh);

}  // namespace podium
