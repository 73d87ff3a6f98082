#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "podium/mesh/shard_map.h"

namespace podium {

/// How devices add up what they have.
enum class AllReduceStrategy {
    COMPILER,      ///< one all-reduce, as the compiler likes
    RING,          ///< each gets the sum of its share, then all gather the shares
    TREE,          ///< pairs, pairs of pairs, …: few steps, each with all bytes; a power of two of devices
    HIERARCHICAL,  ///< shares along the last axis, their sums along the axes before it, then gathered along the last
};
constexpr auto enum_names(AllReduceStrategy) {
    using Row = std::pair<AllReduceStrategy, std::string_view>;
    return std::array{Row{AllReduceStrategy::COMPILER, "compiler"}, Row{AllReduceStrategy::RING, "ring"},
                      Row{AllReduceStrategy::TREE, "tree"}, Row{AllReduceStrategy::HIERARCHICAL, "hierarchical"}};
}

/// Returns the sum over the devices along `axes`, inside of shard_map. HIERARCHICAL wants two axes or more, slow links
/// first. Source: Thakur, Rabenseifner and Gropp 2005, "Optimization of Collective Communication Operations in MPICH",
/// section 4.5.
Tensor psum(const Operand& x, const std::string& axes, AllReduceStrategy strategy);

}  // namespace podium
