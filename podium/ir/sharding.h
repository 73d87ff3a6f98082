#pragma once

#include "podium/ir/distribution.h"

namespace podium {

// How a program's tensors lie on the devices of its mesh. A tensor is one whole thing to the program; between
// `to_shards` and `from_shards` the program says what each device computes of its own piece, and the operations of
// ir/distribution.h have the devices exchange.

namespace rows {
extern const Op sharding_constraint, to_shards, from_shards;
}

/// Returns `x`, split over the mesh as `axes` say (one entry a dimension, as in Placement), whatever the compiler would
/// choose. Throws SHAPE_MISMATCH where an axis does not divide. Source: jax.lax.with_sharding_constraint.
Tensor with_sharding(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes);

/// Returns each device's piece of `x`. On axes that split nothing all devices have the same.
Tensor to_shards(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes);
/// Returns the tensor whose pieces the devices have. On axes that split nothing they must have the same.
Tensor from_shards(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes);

/// Returns the entries of such a node's split, by the names of the mesh's axes. Throws INVALID_ARGUMENT where the node
/// was made for a mesh of other sizes.
std::vector<std::string> split_of(const Node& node, const Mesh& mesh);

/// Returns the numbers of the devices that differ on `axes` alone, in the order of those axes: the first is outermost.
Groups groups_along(const Mesh& mesh, const std::vector<std::string>& axes);

std::span<const Op* const> sharding_ops();

}  // namespace podium
