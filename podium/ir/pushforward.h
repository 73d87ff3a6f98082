#pragma once

#include "podium/ir/graph.h"

namespace podium {

/// What a forward walk gives.
struct Pushforward {
    Tensors outputs;   ///< the outputs again: use these, so that loops run once for value and tangent
    Tensors tangents;  ///< one an output; undefined where nothing flows
};

/// Walks forward from `inputs` (with one tangent each; undefined ones are zero) to `outputs` by the rows' jvp rules. A
/// row without one has it from its vjp: an elementwise row's derivative is its own transpose, other rows' are
/// transposed back.
Pushforward pushforward(const Tensors& outputs, const Tensors& inputs, const Tensors& tangents);

/// Returns one tangent a result of the op that made `tensor`, by transposing its vjp rule.
Tensors transposed_vjp(const Tensor& tensor, std::span<const Tensor> tangents);

/// Returns which of the graph's results a tangent reaches from its parameters marked in `flows`.
std::vector<bool> reached(const Graph& graph, const std::vector<bool>& flows);

/// Returns the graph's results on `arguments`, then the tangents of those that are marked in `wanted` (zeros where
/// nothing flows); `tangents` has one entry a parameter.
Tensors push_graph(const Graph& graph, const Tensors& arguments, const Tensors& tangents,
                   const std::vector<bool>& wanted);

}  // namespace podium
