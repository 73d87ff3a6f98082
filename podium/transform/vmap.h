#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "podium/ir/ops.h"
#include "podium/transform/trees.h"

namespace podium {

struct VmapOptions {
    std::vector<std::optional<std::int64_t>> in_axes = {};  ///< an axis for each tree argument; nullopt: not mapped;
                                                            ///< those not named are mapped over axis 0
    std::int64_t out_axis = 0;                              ///< where the results have the mapped dimension
};

/// One trace of a function on examples.
class VmapTrace {
public:
    explicit VmapTrace(Location location) : location_(location) {}
    /// Returns the leaf as one example sees it: without its dimension `axis`. Throws SHAPE_MISMATCH where sizes differ.
    Tensor enter(const Tensor& leaf, std::int64_t axis);
    /// Returns the outputs for all examples.
    Tensors leave(const Tensors& outputs, std::int64_t axis) const;

private:
    Location location_;
    TraceScope scope_;
    Tensors parameters_, mapped_;
    std::int64_t size_ = -1;
};

/// Returns a function like `f` over examples: `f` is written for one, and the result takes all of them at once, along
/// one more dimension of its arguments and results. Source: jax.vmap.
template <class F>
auto vmap(F f, VmapOptions options = {}, Location location = std::source_location::current()) {
    return [f = std::move(f), options = std::move(options), location]<class... A>(const A&... arguments) {
        VmapTrace trace(location);
        std::size_t position = 0;
        const auto enter = [&]<class T>(const T& argument) -> T {
            if constexpr (TreeLike<T>) {
                const auto at = position++;
                const auto axis = at < options.in_axes.size() ? options.in_axes[at] : std::optional<std::int64_t>(0);
                if (!axis) return argument;
                Tensors leaves;
                for (const auto& leaf : leaves_of(argument)) leaves.push_back(trace.enter(leaf, *axis));
                return with_leaves(argument, leaves);
            } else {
                return argument;
            }
        };
        const std::tuple<A...> examples{enter(arguments)...};  // braces: left to right
        const auto result = std::apply(f, examples);
        return with_leaves(result, trace.leave(leaves_of(result), options.out_axis));
    };
}

}  // namespace podium
