#pragma once

#include "podium/ir/op.h"

namespace podium {

/// Returns `outputs` with each of `inputs` exchanged for the tensor of `mapped`, which has one more dimension, of
/// `size`, as its first: so has every result. Rows say how by their vmap rules; elementwise rows need none, and a
/// composite without one is expanded.
Tensors batched(const Tensors& outputs, const Tensors& inputs, const Tensors& mapped, std::int64_t size);

/// Returns which of the graph's results depend on the parameters marked in `mapped`.
std::vector<bool> depends_on_mapped(const Graph& graph, const std::vector<bool>& mapped);

/// Returns the graph with the mapped dimension first in the parameters marked in `mapped` and the results marked in
/// `wanted`; the other results must not depend on those parameters.
GraphPtr batched_graph(const Graph& graph, const std::vector<bool>& mapped, const std::vector<bool>& wanted,
                       std::int64_t size);

/// Returns operand `i` of a vmap rule with the mapped dimension: repeated where it is not mapped.
Tensor mapped_operand(const VmapArguments& v, std::size_t i);
/// Returns the tensor repeated along a new first dimension.
Tensor repeated(const Tensor& tensor, std::int64_t size);
/// Returns the shape with a first dimension of `size`, not split by a mesh.
Shape mapped_shape(const Shape& shape, std::int64_t size);
/// Returns the same of each result of the rule's node.
std::vector<Shape> mapped_shapes(const VmapArguments& v);
/// Returns `x` with `parts` taken out of dimension `axis` as a new outer dimension before it.
Tensor axis_out_of(const Tensor& x, std::int64_t axis, std::int64_t parts);
/// Returns `x` with dimension `source` merged into what then is dimension `target`, as its outer part.
Tensor axis_into(const Tensor& x, std::int64_t source, std::int64_t target);
/// Returns the axes moved behind the mapped dimension.
Dims behind_mapped(Dims axes);

/// The vmap rule of rows whose operands and results all take the mapped dimension as one more of the same kind.
Tensors map_alike(const VmapArguments& v);

}  // namespace podium
