#pragma once

#include <string_view>

#include "podium/ir/op.h"

namespace podium::linalg {

/// Which norm: a number, infinity with either sign among them, "fro" (Frobenius) or "nuc" (nuclear).
class NormOrder {
public:
    NormOrder() = default;
    template <class T>
        requires std::is_arithmetic_v<T>
    NormOrder(T order) : number_(static_cast<double>(order)) {}
    NormOrder(const char* name) : name_(name) {}

    const std::optional<double>& number() const { return number_; }
    std::string_view name() const { return name_; }
    bool given() const { return number_ || !name_.empty(); }

private:
    std::optional<double> number_;
    std::string_view name_;
};

struct NormOptions {
    NormOrder order = {};  ///< without one, the root of the sum of squares over `axes`
    Dims axes = {};        ///< one for norms of vectors, two for norms of matrices; without any, all dimensions
    bool keep_dims = false;
};
/// Returns norms in the type of x's parts. Of vectors: order 0 counts what is not 0, ±inf gives the greatest or least
/// magnitude, others sum(|x|^order)^(1/order). Of matrices: ±1 and ±inf give the greatest or least sum of a column or
/// row, ±2 the greatest or least singular value, "fro" and "nuc" the root of the sum of squares and the sum of singular
/// values. The gradient of order 2 at 0 is 0. Source: numpy.linalg.norm.
Tensor norm(const Operand& x, const NormOptions& options = {});

/// Returns the condition numbers |a| |a⁻¹| of the matrices: [...] of a: [..., n, n]; of order 2 or none, the greatest
/// singular value by the least, a: [..., m, n]. Source: numpy.linalg.cond.
Tensor cond(const Operand& a, const NormOrder& order = {});

/// Returns how many singular values are above `tolerance` of the largest: i32[...] of a: [..., m, n]; without one,
/// above max(m, n) times the type's precision. Source: jax.numpy.linalg.matrix_rank.
Tensor matrix_rank(const Operand& a, std::optional<double> tolerance = {});

}  // namespace podium::linalg
