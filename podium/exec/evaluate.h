#pragma once

#include "podium/ir/graph.h"
#include "podium/transform/trees.h"

namespace podium {

/// Starts computing the tensors, as one program a device; returns at once. Throws TRACED_VALUE inside a trace.
void evaluate(std::span<const Tensor> tensors);

/// Starts computing every leaf of a tree.
template <TreeLike T>
void eval(const T& tree) {
    const Tensors leaves = leaves_of(tree);
    evaluate(leaves);
}

/// Waits for every leaf; throws the error of the execution that made it.
void wait_for(std::span<const Tensor> tensors);
template <TreeLike T>
void block_until_ready(const T& tree) {
    const Tensors leaves = leaves_of(tree);
    wait_for(leaves);
}
inline void block_until_ready(const Tensor& tensor) { wait_for({&tensor, 1}); }

/// Returns an evaluated tensor of the bytes.
Tensor from_buffer(BufferPtr buffer);
/// Returns the array on a device or spread over a mesh; returns at once.
Tensor put(const HostArray& array, PlacementPtr placement);
Tensor put(const HostArray& array, Device device);
/// Returns the evaluated tensor's buffer.
const BufferPtr& buffer_of(const Tensor& tensor);
/// Returns "[[1, 2], [3, 4]]" and the shape; evaluates, and shortens long tensors.
std::string to_text(const Tensor& tensor);

}  // namespace podium
