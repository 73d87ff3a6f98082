#pragma once

#include <optional>
#include <utility>

#include "podium/ir/custom.h"
#include "podium/transform/trees.h"

namespace podium {

/// Returns a function like `f` whose gradients are what `backward` says. `forward(arguments…)` returns {f's result,
/// what backward keeps}; `backward(kept, cotangent of the result)` returns a tuple of one cotangent an argument, in its
/// form. Values that the functions capture are constants to the gradient. Source: jax.custom_vjp.
template <class F, class Forward, class Backward>
auto custom_vjp(F f, Forward forward, Backward backward, Location location = std::source_location::current()) {
    return [=]<TreeLike... A>(const A&... arguments) {
        const std::tuple<A...> given(arguments...);
        using R = std::remove_cvref_t<decltype(f(arguments...))>;
        using Kept = std::remove_cvref_t<decltype(forward(arguments...).second)>;
        std::optional<R> form;
        std::optional<Kept> kept;
        const Tensors results = custom_vjp_list(
            [&](const Tensors& leaves) {
                form = std::apply(f, with_leaves(given, leaves));
                return leaves_of(*form);
            },
            [&](const Tensors& leaves) {
                auto [result, residuals] = std::apply(forward, with_leaves(given, leaves));
                kept = residuals;
                Tensors all = leaves_of(result);
                for_each_leaf(residuals, [&](const Tensor& leaf) { all.push_back(leaf); });
                return all;
            },
            [&](const Tensors& leaves) {
                const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(leaves_of(*kept).size());
                const std::tuple<A...> gradients = backward(with_leaves(*kept, Tensors(leaves.begin(), middle)),
                                                            with_leaves(*form, Tensors(middle, leaves.end())));
                return leaves_of(gradients);
            },
            leaves_of(given), location);
        return with_leaves(*form, results);
    };
}

/// Returns a function like `f` whose derivatives are what `rule(arguments, tangents)` says: both are tuples in the
/// arguments' form, and it returns the tangent of the result, linear in the tangents. Gradients are that rule's
/// transpose. Source: jax.custom_jvp.
template <class F, class Rule>
auto custom_jvp(F f, Rule rule, Location location = std::source_location::current()) {
    return [=]<TreeLike... A>(const A&... arguments) {
        const std::tuple<A...> given(arguments...);
        using R = std::remove_cvref_t<decltype(f(arguments...))>;
        std::optional<R> form;
        const Tensors results = custom_jvp_list(
            [&](const Tensors& leaves) {
                form = std::apply(f, with_leaves(given, leaves));
                return leaves_of(*form);
            },
            [&](const Tensors& leaves) {
                const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(leaves.size() / 2);
                const R tangent = rule(with_leaves(given, Tensors(leaves.begin(), middle)),
                                       with_leaves(given, Tensors(middle, leaves.end())));
                return leaves_of(tangent);
            },
            leaves_of(given), location);
        return with_leaves(*form, results);
    };
}

}  // namespace podium
