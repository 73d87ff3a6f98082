#pragma once

#include "podium/transform/forward.h"
#include "podium/transform/vmap.h"

namespace podium {

/// Returns the unit vectors of the tensor's space: [count, …dims].
Tensor basis_of(const Tensor& tensor);

/// Returns a function like `f` (Tensor → Tensor, further arguments as they are) that gives its Jacobian by the first
/// argument, result dims + argument dims, a column at a time: best where the argument is the smaller.
template <class F>
auto jacobian_forward(F f) {
    return [f = std::move(f)]<class... Rest>(const Tensor& x, const Rest&... rest) -> Tensor {
        const auto derivative = linearize([&](const Tensor& at) { return f(at, rest...); }, x).second;
        const Tensor columns = vmap(derivative, {.out_axis = -1})(basis_of(x));
        Dims dims(columns.dims().begin(), columns.dims().end() - 1);
        dims.insert(dims.end(), x.dims().begin(), x.dims().end());
        return reshape(columns, dims);
    };
}

/// The same, a row at a time: best where the result is the smaller.
template <class F>
auto jacobian_reverse(F f) {
    return [f = std::move(f)]<class... Rest>(const Tensor& x, const Rest&... rest) -> Tensor {
        const auto [value, back] = vjp([&](const Tensor& at) { return f(at, rest...); }, x);
        const Tensor rows =
            vmap([&back = back](const Tensor& direction) { return std::get<0>(back(direction)); })(basis_of(value));
        Dims dims = value.dims();
        dims.insert(dims.end(), x.dims().begin(), x.dims().end());
        return reshape(rows, dims);
    };
}

/// Returns a function like `f` (Tensor → scalar Tensor) that gives the matrix of its second derivatives by the first
/// argument: argument dims twice.
template <class F>
auto hessian(F f) {
    return jacobian_forward([f = std::move(f)](const Tensor& x, const auto&... rest) { return grad(f)(x, rest...); });
}

/// A tree's leaves as one vector of their common data type, and the way back.
struct Raveled {
    Tensor vector;
    Tensors form;  ///< a leaf's shape each
    /// Returns the leaves that a vector like this one holds.
    Tensors leaves(const Tensor& flat) const;
};
/// Throws DTYPE_MISMATCH for leaves of several data types.
Raveled ravel_leaves(const Tensors& leaves);

/// Returns the tree's elements as one vector, and the function from such a vector to a tree of this form: for Hessians
/// of functions of trees. Source: jax.flatten_util.ravel_pytree.
template <TreeLike T>
auto ravel(const T& tree) {
    Raveled flat = ravel_leaves(leaves_of(tree));
    const Tensor vector = flat.vector;
    return std::pair(
        vector, [tree, flat = std::move(flat)](const Tensor& other) { return with_leaves(tree, flat.leaves(other)); });
}

}  // namespace podium
