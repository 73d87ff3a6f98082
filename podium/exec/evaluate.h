#pragma once

#include "podium/ir/graph.h"
#include "podium/transform/trees.h"

namespace podium {

/// Starts computing the tensors, as one program a device; returns at once. Throws TRACED_VALUE for what a trace or a
/// gradient works on, DONATED for what is gone, INVALID_ARGUMENT where tensors of different devices meet in an op.
/// What is made of constants only goes to `fallback`, or to the default device.
void evaluate(std::span<const Tensor> tensors, Location place = std::source_location::current(),
              const Mesh* fallback = nullptr);

/// Starts computing every leaf of a tree.
template <TreeLike T>
void eval(const T& tree, Location place = std::source_location::current()) {
    const Tensors leaves = leaves_of(tree);
    evaluate(leaves, place);
}

/// Waits for every leaf; throws the error of the execution that made it.
void wait_for(std::span<const Tensor> tensors, Location place = std::source_location::current());
template <TreeLike T>
void block_until_ready(const T& tree, Location place = std::source_location::current()) {
    const Tensors leaves = leaves_of(tree);
    wait_for(leaves, place);
}

/// Returns an evaluated tensor of the bytes.
Tensor from_buffer(BufferPtr buffer);
/// Returns the array on a device or spread over a mesh; returns at once.
Tensor put(const HostArray& array, PlacementPtr placement);
Tensor put(const HostArray& array, Device device);
/// Returns the array on a device without a copy where the device can use its bytes where they lie; else as `put`.
/// Nobody may write the bytes while the tensor lives.
Tensor adopt(const HostArray& array, Device device);
/// Returns the bytes without a copy where the host can read them where they lie, else as `to_host`; evaluates and
/// waits. Nobody may write them.
HostArray view(const Tensor& tensor, Location place = std::source_location::current());
/// Returns the tensor's buffer; evaluates it where it is not.
const BufferPtr& buffer_of(const Tensor& tensor, Location place = std::source_location::current());
/// Returns "[[1, 2], [3, 4]]" and the shape; evaluates, and shortens long tensors.
std::string to_text(const Tensor& tensor, Location place = std::source_location::current());

}  // namespace podium
