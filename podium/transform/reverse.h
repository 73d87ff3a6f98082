#pragma once

#include <utility>

#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/transform/trees.h"

namespace podium {

/// Returns the tensors as new ones of the same value: what a gradient is taken by, apart from other uses of them.
Tensors fresh(const Tensors& tensors);
/// Throws unless every tensor is floating-point and (for `what` "grad") the output is one scalar.
void expect_differentiable(const Tensors& inputs);
void expect_scalar(const Tensor& loss);
/// Returns the gradients with zeros where nothing flows.
Tensors filled(const Tensors& gradients, const Tensors& inputs);

namespace detail {

/// The loss of what a function returned: itself, or the first of {loss, auxiliary}.
template <class R>
const Tensor& loss_of(const R& result) {
    if constexpr (std::is_same_v<R, Tensor>)
        return result;
    else
        return std::get<0>(result);
}

}  // namespace detail

/// Returns a function like `f` that gives {f's result, the gradient of its loss by the first argument, in its form}.
/// `f` returns the loss (a scalar Tensor) or {loss, auxiliary}. Leaves of the first argument must be floating-point.
template <class F>
auto value_and_grad(F f) {
    return [f = std::move(f)]<class First, class... Rest>(const First& first, const Rest&... rest) {
        static_assert(TreeLike<First>, "value_and_grad: the first argument must be a tree of tensors");
        const Tensors inputs = fresh(leaves_of(first));
        expect_differentiable(inputs);
        const InlineScope scope(inputs);
        auto result = f(with_leaves(first, inputs), rest...);
        expect_scalar(detail::loss_of(result));
        const Tensors outputs = leaves_of(result);
        Tensors cotangents(outputs.size());
        cotangents[0] = ones_like(outputs[0]);
        const Pullback back = pullback(outputs, cotangents, inputs);
        return std::pair(with_leaves(result, back.outputs), with_leaves(first, filled(back.gradients, inputs)));
    };
}

/// Returns a function like `f` that gives the gradient of its loss by the first argument; with {loss, auxiliary},
/// {gradient, auxiliary}.
template <class F>
auto grad(F f) {
    return [both = value_and_grad(std::move(f))]<class... A>(const A&... arguments) {
        auto [result, gradient] = both(arguments...);
        if constexpr (std::is_same_v<decltype(result), Tensor>)
            return gradient;
        else
            return std::pair(std::move(gradient), std::get<1>(std::move(result)));
    };
}

/// Returns f(arguments…) and a function from a cotangent of its form to a tuple of gradients, one an argument.
template <class F, TreeLike... A>
auto vjp(F&& f, const A&... arguments) {
    const std::tuple<A...> given(arguments...);
    const Tensors inputs = fresh(leaves_of(given));
    expect_differentiable(inputs);
    const InlineScope scope(inputs);
    auto result = std::apply(f, with_leaves(given, inputs));
    auto back = [given, inputs, result](const decltype(result)& cotangent) {
        const Pullback walked = pullback(leaves_of(result), leaves_of(cotangent), inputs);
        return with_leaves(given, filled(walked.gradients, inputs));
    };
    return std::pair(with_leaves(result, fresh(leaves_of(result))), std::move(back));  // reading it leaves `back` whole
}

}  // namespace podium
