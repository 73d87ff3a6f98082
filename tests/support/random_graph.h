#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "podium/ir/control.h"

namespace podium::test {

/// A random well-typed function and inputs for it; the seed says all.
struct RandomGraph {
    std::vector<HostArray> inputs;
    TensorFunction f;
};

/// Returns a function of `steps` operations on small arrays of every kind of type. Operands are brought into a row's
/// domain first, so that values stay finite; integers are never divided by zero.
RandomGraph random_graph(std::uint64_t seed, int steps);

}  // namespace podium::test
