#pragma once

#include <utility>

#include "podium/ir/pushforward.h"
#include "podium/transform/reverse.h"

namespace podium {

/// Returns tangents for the leaves of `inputs`: those given, none for leaves that have no derivatives. Throws
/// SHAPE_MISMATCH where one is not like its leaf.
Tensors tangents_like(const Tensors& inputs, const Tensors& tangents);

/// Returns f(argument) and a function from a tangent of the argument's form to the tangent of the result: the
/// derivative at the argument, as often as it is wanted. Leaves of integers have none; what is given for them is not
/// looked at.
template <class F, TreeLike A>
auto linearize(F&& f, const A& argument) {
    const Tensors inputs = fresh(leaves_of(argument));
    const InlineScope scope(inputs);
    auto result = f(with_leaves(argument, inputs));
    auto derivative = [inputs, result](const A& tangent) {
        const Tensors outputs = leaves_of(result);
        const Pushforward pushed = pushforward(outputs, inputs, tangents_like(inputs, leaves_of(tangent)));
        return with_leaves(result, filled(pushed.tangents, outputs));
    };
    return std::pair(with_leaves(result, fresh(leaves_of(result))), std::move(derivative));
}

/// Returns {f(argument), the derivative of f there in the direction `tangent`}; for several arguments, pass tuples:
/// `jvp(f, std::tuple(x, y), std::tuple(dx, dy))` calls f(x, y).
template <class F, TreeLike A>
auto jvp(F&& f, const A& argument, const A& tangent) {
    const Tensors inputs = fresh(leaves_of(argument));
    const InlineScope scope(inputs);
    const auto call = [&] {
        const A given = with_leaves(argument, inputs);
        if constexpr (trees::is_a<A, std::tuple>)
            return std::apply(f, given);
        else
            return f(given);
    };
    const auto result = call();
    const Pushforward pushed = pushforward(leaves_of(result), inputs, tangents_like(inputs, leaves_of(tangent)));
    return std::pair(with_leaves(result, pushed.outputs),
                     with_leaves(result, filled(pushed.tangents, leaves_of(result))));
}

}  // namespace podium
