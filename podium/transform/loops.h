#pragma once

#include <optional>
#include <utility>

#include "podium/ir/control.h"
#include "podium/transform/trees.h"

namespace podium {

/// Returns a function like `f` whose backward pass computes its inner values again instead of keeping them.
template <class F>
auto remat(F f, RematPolicy policy = RematPolicy::NOTHING) {
    return [f = std::move(f), policy]<TreeLike... A>(const A&... arguments) {
        const std::tuple<A...> given(arguments...);
        using R = std::remove_cvref_t<decltype(f(arguments...))>;
        if (policy.everything) return R(f(arguments...));
        std::optional<R> form;
        const Tensors results = remat_list(
            [&](const Tensors& leaves) {
                form = std::apply(f, with_leaves(given, leaves));
                return leaves_of(*form);
            },
            leaves_of(given), {}, policy);
        return with_leaves(*form, results);
    };
}

/// Returns {last carry, results stacked along a new first dimension} of body(carry, slice) → {carry, result} over the
/// first dimension of `xs`. Compiled once, whatever the length; differentiable.
template <class F, TreeLike Carry, TreeLike Xs>
auto scan(F&& body, const Carry& carry, const Xs& xs, bool reversed = false,
          Location location = std::source_location::current()) {
    const Tensors first = leaves_of(carry), stacks = leaves_of(xs);
    if (stacks.empty()) fail_at(Code::INVALID_ARGUMENT, location, "scan: there is nothing to go over; give xs");
    using Y = std::remove_cvref_t<decltype(body(carry, xs).second)>;
    std::optional<Y> form;
    const Tensors results = scan_list(
        [&](const Tensors& leaves) {
            const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(first.size());
            auto [next, y] = body(with_leaves(carry, Tensors(leaves.begin(), middle)),
                                  with_leaves(xs, Tensors(middle, leaves.end())));
            Tensors all = leaves_of(next);
            form = y;
            for_each_leaf(y, [&](const Tensor& leaf) { all.push_back(leaf); });
            return all;
        },
        first, stacks, stacks[0].dim(0), reversed, location);
    const auto middle = results.begin() + static_cast<std::ptrdiff_t>(first.size());
    return std::pair(with_leaves(carry, Tensors(results.begin(), middle)),
                     with_leaves(*form, Tensors(middle, results.end())));
}

/// Returns the running results of an associative `combine(a, b)` along `axis`: element i is that of elements 0 … i
/// (from the end where reversed). It takes about log2(length) combinations of whole arrays, one after another.
/// Source: jax.lax.associative_scan.
template <class F, TreeLike T>
T associative_scan(F&& combine, const T& elements, std::int64_t axis = 0, bool reversed = false,
                   Location location = std::source_location::current()) {
    return with_leaves(elements,
                       associative_scan_list(
                           [&](const Tensors& both) {
                               const auto middle = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
                               return leaves_of(T(combine(with_leaves(elements, Tensors(both.begin(), middle)),
                                                          with_leaves(elements, Tensors(middle, both.end())))));
                           },
                           leaves_of(elements), axis, reversed, location));
}

}  // namespace podium
