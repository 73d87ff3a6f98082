#pragma once

#include <limits>

#include "podium/ir/random.h"
#include "podium/optim/gradient_transform.h"

namespace podium::optim {

/// Squared norms up to this one count as zero where they divide. Source: optax, jnp.finfo(float).eps.
inline constexpr double SMALLEST_SQUARE = std::numeric_limits<double>::epsilon();

/// Returns the leaves of `tree` in the order of `like`.
Tree in_order(const Tree& tree, const Tree& like);
/// Returns the tree of f(leaf of first, leaf of each other), found by the first's paths.
template <class F, class... Trees>
Tree zipped(const F& f, const Tree& first, const Trees&... others) {
    Tensors leaves;
    for (std::size_t i = 0; i < first.size(); ++i) leaves.push_back(f(first.leaves()[i], others[first.path(i)]...));
    return {first.paths(), std::move(leaves)};
}
/// Returns a tensor in the type that factorizations take: f64 stays, other floats become f32.
Tensor wide(const Tensor& x);
/// Returns the leaves times a scalar, each in its own type.
Tree scaled(const Tensor& by, const Tree& tree);
/// Returns the tree plus a scalar times the other, each leaf in its own type.
Tree plus_scaled(const Tree& tree, const Tensor& by, const Tree& other);
/// Returns one of two trees. condition: bool[].
Tree chosen(const Tensor& condition, const Tree& yes, const Tree& no);
/// Returns the sum of all products of elements: f32[], or f64[] where a leaf is f64.
Tensor inner_product(const Tree& a, const Tree& b);
/// Returns the sum of all squares of elements: f32[], or f64[] where a leaf is f64.
Tensor squared_norm(const Tree& tree);
/// Returns the sum of all magnitudes of elements: f32[], or f64[] where a leaf is f64.
Tensor sum_of_magnitudes(const Tree& tree);

/// Returns the loss in `type`; throws INVALID_ARGUMENT, naming the method, where the step gives none.
Tensor given_loss(std::string_view method, const StepLoss& loss, DataType type);

/// Throws INVALID_ARGUMENT, naming the method, where the step gives no function of the parameters.
void expect_loss_function(std::string_view method, const StepLoss& loss);

/// Returns the tree of f(leaf, key), whose keys are split from one in the order of sorted paths, so that the tree's own
/// order does not matter.
Tree with_keys(const Key& key, const Tree& tree, const std::function<Tensor(const Tensor& leaf, const Key& key)>& f);

}  // namespace podium::optim
