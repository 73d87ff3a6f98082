#include "podium/numeric/linalg_solve.h"

#include <array>

#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/linear_algebra.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/numeric/linalg_factor.h"
#include "podium/numeric/linalg_products.h"
#include "podium/numeric/linalg_spectral.h"
#include "podium/numeric/matrices.h"

namespace podium::linalg {
namespace {

/// Returns f(b), a vector b being a matrix of one column on the way. Throws unless b has `rows` rows of `a`'s type.
Tensor as_columns(std::string_view op, const Tensor& a, const Operand& b, std::int64_t rows,
                  const std::function<Tensor(const Tensor&)>& f) {
    const Tensor& right = b.tensor();
    if (right.type() != a.type())
        fail_at(Code::DTYPE_MISMATCH, b.location(),
                fmt::format("{}: data types differ: {} and {}; convert one of them", op, to_string(a.shape()),
                            to_string(right.shape())));
    if (right.rank() == 0 || right.dim(right.rank() == 1 ? 0 : -2) != rows)
        fail_at(Code::SHAPE_MISMATCH, b.location(),
                fmt::format("{}: {} does not go with {}; a right side has {} rows", op, to_string(a.shape()),
                            to_string(right.shape()), rows));
    if (right.rank() > 1) return f(right);
    return squeeze(f(expand_dims(right, 1)), -1);
}

/// Returns 1, or -1 where the factors exchanged rows an odd number of times: [...], of lu's type.
Tensor parity_of(const Lu& factors) {
    const Tensor moved = not_equal(factors.pivots, iota({factors.pivots.dim(-1)}, 0));
    const Tensor count = sum(convert(moved, DataType::INT32), {moved.rank() - 1});
    return convert(1 - remainder(count, 2) * 2, factors.lu.type());
}

/// Returns det(a) a⁻¹ b from a's factors; a may be singular of rank n - 1. Source: jax.numpy.linalg's _cofactor_solve.
Tensor cofactor_solve(const Lu& factors, const Tensor& determinant, const Tensor& b) {
    const Tensor& lu = factors.lu;
    const auto n = lu.dim(-1);
    if (n == 1) return b;
    // The product of all pivots but the last: det(a) / u[n, n], known where that is 0 too.
    const Tensor pivots = main_diagonal(lu);
    const Tensor partial = product(columns(pivots, 0, n - 1), {pivots.rank() - 1}) * parity_of(factors);
    const auto as_matrix = [](const Tensor& x) { return expand_dims(expand_dims(x, -1), -1); };
    const Tensor last_row = expand_dims(equal(iota({n}, 0), static_cast<std::int32_t>(n - 1)), 1);
    const Tensor corner = logical_and(last_row, swap_axes(last_row, 0, 1));
    const Tensor u = select(corner, 1.0 / as_matrix(partial), lu);
    Lu only_lower = factors;
    only_lower.lu = triangle(lu, false, -1) + eye(n, lu.type());
    const Tensor by_l = lu_solve(only_lower, b);
    return triangular_solve(u, select(last_row, by_l, by_l * as_matrix(determinant)), {.lower = false});
}

/// Returns the mask of singular values that count, and how they are to be inverted: 0 where they do not.
struct Spectrum {
    Tensor counts, inverse;
};
Spectrum spectrum_of(const Tensor& s, double tolerance) {
    const Tensor counts = greater(s, max(s, {s.rank() - 1}, true) * tolerance);
    const Tensor kept = select(counts, s, zeros_like(s));
    return {counts, divided_where_not_zero(ones_like(s), kept)};
}

/// Returns v diag(inverse) uᴴ b.
Tensor by_pseudo_inverse(const Svd& factors, const Tensor& inverse, const Tensor& b) {
    const Tensor turned = matmul(adjoint(factors.u), b);
    return matmul(adjoint(factors.vh), turned * convert(expand_dims(inverse, -1), turned.type()));
}

}  // namespace

Tensor solve(const Operand& a, const Operand& b) {
    const LocationScope scope(a.location());
    const Tensor& matrix = a.tensor();
    expect_square_matrices("solve", matrix, a.location());
    return as_columns("solve", matrix, b, matrix.dim(-1), [&](const Tensor& right) {
        return with_derivative(
            [](const Tensors& in) -> Tensors {
                const Lu factors = lu(in[0]);
                return {lu_solve(factors, in[1]), factors.lu, factors.permutation};
            },
            [](const Tensors&, const Tensors& results, const Tensors& tangents) -> Tensors {
                const Lu factors{.lu = results[1], .permutation = results[2]};
                return {lu_solve(factors, tangents[1] - matmul(tangents[0], results[0])),
                        lu_tangent(factors, tangents[0])};
            },
            {matrix, right}, a.location())[0];
    });
}

Tensor inverse(const Operand& a) {
    const LocationScope scope(a.location());
    expect_square_matrices("inverse", a.tensor(), a.location());
    return solve(a, eye(a.tensor().dim(-1), a.tensor().type()));
}

Tensor cholesky_solve(const Operand& c, const Operand& b, bool lower) {
    const LocationScope scope(c.location());
    expect_square_matrices("cholesky_solve", c.tensor(), c.location());
    return as_columns("cholesky_solve", c.tensor(), b, c.tensor().dim(-1), [&](const Tensor& given) {
        const Tensor factor = with_leading_of("cholesky_solve", c.tensor(), given, c.location());
        const Tensor right = with_leading_of("cholesky_solve", given, factor, c.location());
        const auto first = lower ? Transpose::NONE : Transpose::ADJOINT;
        const auto second = lower ? Transpose::ADJOINT : Transpose::NONE;
        return triangular_solve(factor, triangular_solve(factor, right, {.lower = lower, .transpose = first}),
                                {.lower = lower, .transpose = second});
    });
}

Tensor det(const Operand& a) {
    const LocationScope scope(a.location());
    expect_square_matrices("det", a.tensor(), a.location());
    return with_derivative(
        [](const Tensors& in) -> Tensors {
            const Lu factors = lu(in[0]);
            const Tensor pivots = main_diagonal(factors.lu);
            return {product(pivots, {pivots.rank() - 1}) * parity_of(factors), factors.lu, factors.pivots,
                    factors.permutation};
        },
        [](const Tensors&, const Tensors& results, const Tensors& tangents) -> Tensors {
            const Lu factors{results[1], results[2], results[3]};
            return {trace(cofactor_solve(factors, results[0], tangents[0])), lu_tangent(factors, tangents[0])};
        },
        {a.tensor()}, a.location())[0];
}

LogDeterminant slogdet(const Operand& a) {
    const LocationScope scope(a.location());
    expect_square_matrices("slogdet", a.tensor(), a.location());
    const Lu factors = lu(a);
    const Tensor pivots = main_diagonal(factors.lu), sizes = abs(pivots);
    const Dims last{pivots.rank() - 1};
    const Tensor signs = divided_where_not_zero(pivots, convert(sizes, pivots.type()));
    return {product(signs, last) * parity_of(factors), sum(log(sizes), last)};
}

Tensor pinv(const Operand& a, std::optional<double> tolerance) {
    const LocationScope scope(a.location());
    const Tensor& matrix = a.tensor();
    expect_matrices("pinv", matrix, a.location());
    const auto m = matrix.dim(-2), n = matrix.dim(-1);
    const double least = tolerance.value_or(10 * static_cast<double>(std::max(m, n)) * epsilon(matrix.type()));
    return with_derivative(
        [=](const Tensors& in) -> Tensors {
            const Svd factors = svd(in[0], false);
            return {by_pseudo_inverse(factors, spectrum_of(factors.s, least).inverse, eye(m, in[0].type()))};
        },
        [=](const Tensors& operands, const Tensors& results, const Tensors& tangents) -> Tensors {
            const Tensor &x = operands[0], &p = results[0], &dx = tangents[0];
            const Tensor pp = m >= n ? matmul(p, adjoint(p)) : Tensor();
            // The products are grouped so that the small ones are first.
            const Tensor s = m >= n ? matmul(pp, adjoint(dx)) : matmul(p, matmul(adjoint(p), adjoint(dx)));
            const Tensor t =
                m >= n ? matmul(matmul(adjoint(dx), adjoint(p)), p) : matmul(adjoint(dx), matmul(adjoint(p), p));
            const auto around = [&](const Tensor& y, const Tensor& z, const Tensor& w) {
                return m >= n ? matmul(matmul(y, z), w) : matmul(y, matmul(z, w));
            };
            return {s - around(s, x, p) + t - around(p, x, t) - around(p, dx, p)};
        },
        {matrix}, a.location())[0];
}

LeastSquares lstsq(const Operand& a, const Operand& b, std::optional<double> tolerance) {
    const LocationScope scope(a.location());
    const Tensor& matrix = a.tensor();
    expect_matrices("lstsq", matrix, a.location());
    const auto m = matrix.dim(-2), n = matrix.dim(-1);
    const Svd factors = svd(a, false);
    const double least = tolerance.value_or(static_cast<double>(std::max(m, n)) * epsilon(matrix.type()));
    const Spectrum spectrum = spectrum_of(factors.s, least);
    LeastSquares found;
    found.singular_values = factors.s;
    found.rank = sum(convert(spectrum.counts, DataType::INT32), {factors.s.rank() - 1});
    found.solution = as_columns("lstsq", matrix, b, m, [&](const Tensor& right) {
        return by_pseudo_inverse(factors, spectrum.inverse, right);
    });
    const Tensor off = matmul(matrix, found.solution) - b.tensor();
    found.residuals = sum(squared_magnitude(off), {off.rank() - (b.tensor().rank() == 1 ? 1 : 2)});
    return found;
}

Tensor matrix_power(const Operand& a, std::int64_t power) {
    const LocationScope scope(a.location());
    expect_square_matrices("matrix_power", a.tensor(), a.location());
    Tensor square = power < 0 ? inverse(a) : a.tensor();
    if (power == 0) return broadcast_to(eye(square.dim(-1), square.type()), square.dims(), a.location());
    Tensor result;
    for (auto left = static_cast<std::uint64_t>(power < 0 ? -power : power);;) {
        if (left % 2 == 1) result = result.defined() ? matmul(result, square) : square;
        left /= 2;
        if (left == 0) return result;
        square = matmul(square, square);
    }
}

Tensor expm(const Operand& a) {
    constexpr std::array COEFFICIENTS{64764752532480000.0,
                                      32382376266240000.0,
                                      7771770303897600.0,
                                      1187353796428800.0,
                                      129060195264000.0,
                                      10559470521600.0,
                                      670442572800.0,
                                      33522128640.0,
                                      1323241920.0,
                                      40840800.0,
                                      960960.0,
                                      16380.0,
                                      182.0,
                                      1.0};
    constexpr double LARGEST_NORM = 5.371920351148152;  // for which degree 13 is precise in f64
    constexpr double MOST_SQUARINGS = 64;
    const LocationScope scope(a.location());
    const Tensor& matrix = a.tensor();
    expect_square_matrices("expm", matrix, a.location());
    const DataType type = matrix.type();
    const Tensor x = flat_matrices(matrix);
    const Tensor norm = stop_gradient(max(sum(abs(x), {1}, true), {2}, true));  // [batch, 1, 1]
    const Tensor halvings =
        clamp(0.0, ceil(log(maximum(norm / LARGEST_NORM, 1.0)) * 1.4426950408889634), MOST_SQUARINGS);
    const Tensor scaled = x * convert(power(2.0 * ones_like(norm), negate(halvings)), type);
    const Tensor x2 = matmul(scaled, scaled), x4 = matmul(x2, x2), x6 = matmul(x2, x4), one = eye(x.dim(-1), type);
    // Coefficients relative to the first: they fit the range of f32.
    const auto c = [&](std::size_t i) { return COEFFICIENTS[i] / COEFFICIENTS[0]; };
    const auto part = [&](std::size_t i) {
        return matmul(x6, x6 * c(i + 12) + x4 * c(i + 10) + x2 * c(i + 8)) + x6 * c(i + 6) + x4 * c(i + 4) +
               x2 * c(i + 2) + one * c(i);
    };
    const Tensor odd = matmul(scaled, part(1)), even = part(0);
    const Tensor most = max(halvings);
    return batched_like(while_loop([&](const Tensors& in) -> Tensors { return {less(in[1], most)}; },
                                   [&](const Tensors& in) -> Tensors {
                                       return {select(less(in[1], halvings), matmul(in[0], in[0]), in[0]), in[1] + 1.0};
                                   },
                                   {solve(even - odd, even + odd), zeros_like(most)})[0],
                        matrix);
}

}  // namespace podium::linalg
