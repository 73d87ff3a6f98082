#pragma once

#include <string>
#include <utility>
#include <vector>

#include "podium/ir/graph.h"

namespace podium {

/// An elementwise piece of a program as one loop: what an optimizer does to a parameter and its slots.
struct Kernel {
    Tensors operands;  ///< arrays of one shape, and scalars
    Tensors results;   ///< arrays of that shape, in the order in which the loop computes them, then copies of operands
    /// Results that are copies, and which of the graph's results each of them is.
    std::vector<std::pair<std::size_t, std::size_t>> copies;
    std::vector<std::pair<std::size_t, std::size_t>> in_place;  ///< results that take the memory of operands
    std::size_t array = 0;                                      ///< an operand that is an array
    std::string body;  ///< C: `(const void* const* in, void* const* out, int64_t begin, int64_t end) { … }`
    /// Returns the operator's name, which is that of every kernel with this body: "podium.kernel.0123456789abcdef".
    std::string name() const;
};

/// Returns the graph's largest pieces that end in its results, have at least `least_elements` and consist of arithmetic
/// on f32 or f64 alone. The graph is lowered.
std::vector<Kernel> find_kernels(const Graph& graph, std::int64_t least_elements);

/// Returns the graph with calls of those of its kernels that are operators of this process.
Graph with_kernels(const Graph& graph);

/// What a library computes instead of XLA.
struct LibraryUse {
    bool products = false, convolutions = false, attention = false;
};

/// What programs for one CPU device get: nothing at first. The whole process's.
struct KernelUse {
    bool loops = false;  ///< `with_kernels`
    LibraryUse library;
};
/// Returns what one of them uses.
KernelUse united(KernelUse a, KernelUse b);
void set_kernels(KernelUse use);
KernelUse kernels_used();

}  // namespace podium
