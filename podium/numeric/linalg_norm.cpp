#include "podium/numeric/linalg_norm.h"

#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/numeric/linalg_solve.h"
#include "podium/numeric/linalg_spectral.h"
#include "podium/numeric/matrices.h"

namespace podium::linalg {
namespace {

std::string text_of(const NormOrder& order) {
    return order.number() ? fmt::format("{}", *order.number()) : fmt::format("'{}'", order.name());
}

/// Returns sqrt(sum(|x|²)), whose gradient at 0 is 0.
Tensor root_of_squares(const Tensor& x, const Dims& axes, bool keep_dims) {
    const Tensor total = sum(squared_magnitude(x), axes, keep_dims), none = equal(total, 0.0);
    return select(none, zeros_like(total), sqrt(select(none, ones_like(total), total)));
}

Tensor vector_norm(const Tensor& x, const NormOrder& order, const Dims& axes, bool keep_dims,
                   const Location& location) {
    if (!order.number())
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("norm: {} is no norm of vectors; name a number, or two axes", text_of(order)));
    const double p = *order.number();
    if (p == 2) return root_of_squares(x, axes, keep_dims);
    const Tensor size = abs(x);
    if (p == 0) return sum(convert(not_equal(size, 0.0), size.type()), axes, keep_dims);
    if (std::isinf(p)) return p > 0 ? max(size, axes, keep_dims) : min(size, axes, keep_dims);
    if (p == 1) return sum(size, axes, keep_dims);
    return power(sum(power(size, p), axes, keep_dims), 1 / p);
}

/// Returns the norm of matrices whose rows and columns are dimensions axes[0] and axes[1].
Tensor matrix_norm(const Tensor& x, const NormOrder& order, const Dims& axes, bool keep_dims,
                   const Location& location) {
    if (order.name() == "fro") return root_of_squares(x, axes, keep_dims);
    const double p = order.number().value_or(0);
    const auto restored = [&](const Tensor& y) {
        if (!keep_dims) return y;
        Dims dims = x.dims();
        for (const auto axis : axes) dims[static_cast<std::size_t>(axis)] = 1;
        return reshape(y, dims);
    };
    if (order.name() == "nuc" || std::abs(p) == 2) {
        Dims permutation = complement(axes, x.rank());
        permutation.insert(permutation.end(), axes.begin(), axes.end());
        const Tensor s = singular_values(transpose(x, permutation));
        const Dims last{s.rank() - 1};
        return restored(p == 2 ? max(s, last) : p == -2 ? min(s, last) : sum(s, last));
    }
    if (std::abs(p) != 1 && !std::isinf(p))
        fail_at(Code::INVALID_ARGUMENT, location,
                fmt::format("norm: {} is no norm of matrices; 1, 2, inf, their negatives, 'fro' and 'nuc' are",
                            text_of(order)));
    const bool by_column = std::abs(p) == 1;
    const Tensor sums = sum(abs(x), {axes[by_column ? 0 : 1]}, true);
    const Dims other{axes[by_column ? 1 : 0]};
    Tensor found = p > 0 ? max(sums, other, true) : min(sums, other, true);
    if (keep_dims) return found;
    Dims dims;
    for (const auto axis : complement(axes, x.rank())) dims.push_back(x.dim(axis));
    return reshape(found, dims);
}

}  // namespace

Tensor norm(const Operand& x, const NormOptions& options) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (!is_inexact(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("norm: takes floating-point and complex numbers, got {}; convert it",
                            to_string(tensor.shape())));
    Dims axes;
    for (const auto axis : options.axes) axes.push_back(normalize_axis("norm", axis, tensor.rank(), x.location()));
    if (axes.empty()) axes = complement({}, tensor.rank());
    if (!options.order.given()) return axes.empty() ? abs(tensor) : root_of_squares(tensor, axes, options.keep_dims);
    if (axes.size() == 1) return vector_norm(tensor, options.order, axes, options.keep_dims, x.location());
    if (axes.size() == 2 && axes[0] != axes[1])
        return matrix_norm(tensor, options.order, axes, options.keep_dims, x.location());
    fail_at(Code::SHAPE_MISMATCH, x.location(),
            fmt::format("norm: order {} takes one axis or two different ones, got [{}] of {}", text_of(options.order),
                        join(axes), to_string(tensor.shape())));
}

Tensor cond(const Operand& a, const NormOrder& order) {
    const LocationScope scope(a.location());
    expect_matrices("cond", a.tensor(), a.location());
    if (!order.given() || std::abs(order.number().value_or(0)) == 2) {
        const Tensor s = singular_values(a);
        const Dims last{s.rank() - 1};
        const bool reversed = order.number().value_or(2) < 0;
        return reversed ? min(s, last) / max(s, last) : max(s, last) / min(s, last);
    }
    const NormOptions options{.order = order, .axes = {-2, -1}};
    return norm(a, options) * norm(inverse(a), options);
}

Tensor matrix_rank(const Operand& a, std::optional<double> tolerance) {
    const LocationScope scope(a.location());
    const Tensor& matrix = a.tensor();
    expect_matrices("matrix_rank", matrix, a.location());
    const Tensor s = singular_values(a);
    const auto size = static_cast<double>(std::max(matrix.dim(-2), matrix.dim(-1)));
    const Tensor least = max(s, {s.rank() - 1}, true) * tolerance.value_or(size * epsilon(matrix.type()));
    return sum(convert(greater(s, least), DataType::INT32), {s.rank() - 1});
}

}  // namespace podium::linalg
