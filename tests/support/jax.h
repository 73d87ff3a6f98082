#pragma once

#include <string>

#include "podium/base/tree.h"
#include "podium/ir/graph.h"
#include "podium/runtime/host_array.h"

namespace podium::test {

/// Returns an f64 tensor of numbers in [-1, 1] that differ by position and by `seed`.
Tensor sample(const Dims& dims, int seed = 0);

/// Returns the tree's paths and shapes with such numbers, each leaf's of a seed one higher: nowhere zero, one or equal,
/// so that each of them matters.
Tree sampled(Tree tree, int seed = 0);

/// Returns the arrays that `script` puts into the dict `out`; it finds jax, jnp, optax, np and the arrays of `inputs`,
/// by path, in the dict `given`. 64-bit types are on.
BasicTree<HostArray> jax_results(const std::string& script, const Tree& inputs);

/// Expects our numbers to be within `tolerance` of `expected`'s, and the shapes equal; `what` opens the message.
void expect_near(const HostArray& ours, const HostArray& expected, double tolerance, const std::string& what);

}  // namespace podium::test
