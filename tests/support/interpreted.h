#pragma once

#include <vector>

#include "podium/ir/graph.h"

namespace podium::test {

/// Returns the tensors' bytes by the interpreter. Linking this (podium_test_interpreted) also makes `Tensor::to_host`,
/// `Tensor::item` and `tensor(…)` work without exec, for tests of the rooms below it.
std::vector<HostArray> interpreted(const Tensors& tensors);

}  // namespace podium::test
