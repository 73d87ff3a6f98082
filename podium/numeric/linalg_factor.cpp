#include "podium/numeric/linalg_factor.h"

#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing.h"
#include "podium/ir/linear_algebra.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/numeric/matrices.h"

namespace podium::linalg {
namespace {

/// Returns column k (i32 scalar) of w: [batch, m, n].
Tensor column_at(const Tensor& w, const Tensor& k) {
    const Tensor zero = zeros({}, DataType::INT32);
    return squeeze(dynamic_slice(w, {zero, zero, k}, {w.dim(0), w.dim(1), 1}), 2);
}

/// Returns y - factor v (vᴴ y); v: [batch, m], factor: [batch, 1], y: [batch, m, n].
Tensor reflected(const Tensor& y, const Tensor& v, const Tensor& factor) {
    const Tensor products = dot_general(conj(v), y, {{0}, {0}, {1}, {1}});
    return y - expand_dims(factor * v, 2) * expand_dims(products, 1);
}

/// Returns q: [batch, m, n or m] and r: [batch, k, n] of a: [batch, m, n], m >= n.
Tensors householder(const Tensor& a, bool complete) {
    const auto batch = a.dim(0), m = a.dim(1), n = a.dim(2);
    const DataType type = a.type();
    const Tensor row = iota({m}, 0);
    // So that squares neither overflow nor vanish.
    const Tensor largest = max(abs(a), {1, 2}, true);
    const Tensor scale = select(largest > 0.0, largest, ones_like(largest));
    const Tensors eliminated = scan_list(
        [&](const Tensors& in) -> Tensors {
            const Tensor &w = in[0], &k = in[1];
            const Tensor zero = zeros({}, DataType::INT32), x = column_at(w, k);
            const Tensor alpha = dynamic_slice(x, {zero, k}, {batch, 1});
            const Tensor tail = select(greater(row, k), x, zeros({}, type));
            const Tensor tail_square = sum(squared_magnitude(tail), {1}, true);
            const Tensor norm = sqrt(squared_magnitude(alpha) + tail_square);
            // H = 1 - tau v vᴴ with Hᴴ x = beta: nothing is done where x is real and has no tail.
            const Tensor beta = select(greater_equal(real(alpha), 0.0), negate(norm), norm);
            Tensor idle = equal(tail_square, 0.0);
            if (is_complex(type)) idle = logical_and(idle, equal(imag(alpha), 0.0));
            const Tensor one = ones({}, type), nothing = zeros({}, type);
            const Tensor whole_beta = select(idle, one, convert(beta, type));
            const Tensor tau = select(idle, nothing, divide(whole_beta - alpha, whole_beta));
            const Tensor v = select(equal(row, k), one, tail / select(idle, one, alpha - whole_beta));
            return {reflected(w, v, conj(tau)), v, tau};
        },
        {a / convert(scale, type)}, {arange(n)}, n);
    const auto size = complete ? m : n;
    const Tensor unit = convert(equal(iota({m, size}, 0), iota({m, size}, 1)), type);
    const Tensor start = broadcast_to(unit, {batch, m, size});
    const Tensor q = scan_list([](const Tensors& in) -> Tensors { return {reflected(in[0], in[1], in[2])}; }, {start},
                               {eliminated[1], eliminated[2]}, n, true)[0];
    const Tensor r = triangle(slice_axis(eliminated[0], 1, 0, size), true) * convert(scale, type);
    return {q, r};
}

/// Source: jax.lax.linalg's _qr_jvp_rule. What completes q turns with it, by no more than orthogonality asks.
Tensors qr_tangents(const Tensor& q, const Tensor& r, const Tensor& tangent) {
    const auto m = tangent.dim(-2), n = tangent.dim(-1);
    const Tensor thin = columns(q, 0, n), square = slice_axis(r, r.rank() - 2, 0, n);
    const Tensor by_r = triangular_solve(square, tangent, {.left_side = false, .lower = false});
    const Tensor turned = matmul(adjoint(thin), by_r), below = triangle(turned, false, -1);
    Tensor skew = below - adjoint(below);
    if (is_complex(q.type())) {
        const Tensor imaginary = complex(zeros_like(imag(turned)), imag(turned));
        skew = skew + eye(n, q.type()) * imaginary;
    }
    Tensor dq = matmul(thin, skew - turned) + by_r;
    Tensor dr = matmul(turned - skew, square);
    if (q.dim(-1) > n) {
        const Tensor rest = columns(q, n, m - n);
        dq = concatenate({dq, negate(matmul(thin, matmul(adjoint(dq), rest)))}, dq.rank() - 1);
        Dims dims = dr.dims();
        dims[dims.size() - 2] = m - n;
        dr = concatenate({dr, zeros(dims, dr.type())}, dr.rank() - 2);
    }
    return {dq, dr};
}

/// Returns lu, permutation and pivots of a: [batch, m, n].
Tensors eliminate(const Tensor& a) {
    const auto batch = a.dim(0), m = a.dim(1), n = a.dim(2), steps = std::min(m, n);
    const DataType type = a.type();
    const Tensor row = iota({m}, 0), column = iota({n}, 0);
    const Tensors found = scan_list(
        [&](const Tensors& in) -> Tensors {
            const Tensor &w = in[0], &order = in[1], &k = in[2];
            const Tensor zero = zeros({}, DataType::INT32), size = abs(column_at(w, k));
            const Tensor pivot = argmax(select(greater_equal(row, k), size, negate(ones_like(size))), 1);
            const Tensor at_k = equal(row, k), at_pivot = equal(row, expand_dims(pivot, 1));
            const Tensor pivot_row = rows_at(w, expand_dims(pivot, 1)),
                         k_row = dynamic_slice(w, {zero, k, zero}, {batch, 1, n});
            const Tensor swapped = select(expand_dims(at_k, 1), pivot_row, select(expand_dims(at_pivot, 2), k_row, w));
            const Tensor from_pivot = take_along_axis(order, expand_dims(pivot, 1), 1);
            const Tensor from_k = dynamic_slice(order, {zero, k}, {batch, 1});
            const Tensor reordered = select(at_k, from_pivot, select(at_pivot, from_k, order));
            const Tensor divisor = dynamic_slice(pivot_row, {zero, zero, k}, {batch, 1, 1});
            const Tensor below = expand_dims(greater(row, k), 1), here = expand_dims(column_at(swapped, k), 2);
            const Tensor factors = select(below, divided_where_not_zero(here, divisor), zeros({}, type));
            const Tensor rest = select(greater(column, k), pivot_row, zeros({}, type));
            const Tensor next = swapped - factors * rest;
            return {select(logical_and(below, equal(column, k)), factors, next), reordered, pivot};
        },
        {a, broadcast_to(row, {batch, m})}, {arange(steps)}, steps);
    return {found[0], found[1], swap_axes(found[2], 0, 1)};
}

/// Returns `x` with zero rows or columns added behind, up to `size` along `axis`.
Tensor padded_to(const Tensor& x, std::int64_t axis, std::int64_t size) {
    Dims high(x.dims().size(), 0);
    high[static_cast<std::size_t>(axis)] = size - x.dim(axis);
    return pad(x, zeros({}, x.type()), Dims(high.size(), 0), high);
}

/// Returns the rows of x: [..., m, n] in the order of permutation: i32[..., m].
Tensor permuted(const Tensor& x, const Tensor& permutation) {
    const Tensor flat = flat_matrices(x);
    return batched_like(rows_at(flat, reshape(permutation, {flat.dim(0), flat.dim(1)})), x);
}

}  // namespace

Qr qr(const Operand& a, bool complete) {
    const LocationScope scope(a.location());
    const Tensor& x = a.tensor();
    expect_matrices("qr", x, a.location());
    const auto m = x.dim(-2), n = x.dim(-1);
    if (m < n) {  // the first columns say what q is; the others follow
        const Qr first = qr(columns(x, 0, m));
        const Tensor rest = matmul(adjoint(first.q), columns(x, m, n - m));
        return {first.q, concatenate({first.r, rest}, x.rank() - 1)};
    }
    const Tensors found = with_derivative(
        [&](const Tensors& in) -> Tensors {
            const Tensors flat = householder(flat_matrices(in[0]), complete);
            return {batched_like(flat[0], x), batched_like(flat[1], x)};
        },
        [](const Tensors&, const Tensors& results, const Tensors& tangents) {
            return qr_tangents(results[0], results[1], tangents[0]);
        },
        {x}, a.location());
    return {found[0], found[1]};
}

Lu lu(const Operand& a) {
    const LocationScope scope(a.location());
    const Tensor& x = a.tensor();
    expect_matrices("lu", x, a.location());
    const Tensors found = with_derivative(
        [&](const Tensors& in) -> Tensors {
            const Tensors flat = eliminate(flat_matrices(in[0]));
            return {batched_like(flat[0], x), batched_like(flat[1], x), batched_like(flat[2], x)};
        },
        [](const Tensors&, const Tensors& results, const Tensors& tangents) -> Tensors {
            return {lu_tangent({.lu = results[0], .permutation = results[1]}, tangents[0])};
        },
        {x}, a.location());
    return {.lu = found[0], .pivots = found[2], .permutation = found[1]};
}

/// L' = L tril(L⁻¹ A' U⁻¹, -1) and U' = triu(L⁻¹ A' U⁻¹) U, with L and U made square by rows of the identity.
/// Source: jax.lax.linalg's _lu_jvp_rule.
Tensor lu_tangent(const Lu& factors, const Tensor& tangent) {
    const Tensor& lu = factors.lu;
    const auto rank = lu.rank(), m = lu.dim(-2), n = lu.dim(-1), k = std::min(m, n);
    const Tensor moved = permuted(tangent, factors.permutation);
    const Tensor l = padded_to(triangle(columns(lu, 0, k), false, -1), rank - 1, m) + eye(m, lu.type());
    const Tensor last = select(greater_equal(iota({n, n}, 0), static_cast<std::int32_t>(k)), eye(n, lu.type()), 0.0);
    const Tensor u = padded_to(triangle(slice_axis(lu, rank - 2, 0, k), true), rank - 2, n) + last;
    const Tensor by_l = triangular_solve(l, moved, {.unit_diagonal = true});
    const Tensor both = triangular_solve(u, by_l, {.left_side = false, .lower = false});
    return matmul(l, triangle(both, false, -1)) + matmul(triangle(both, true), u);
}

Tensor lu_solve(const Lu& factors, const Operand& b) {
    const LocationScope scope(b.location());
    const Tensor &given = factors.lu, &right = b.tensor();
    expect_square_matrices("lu_solve", given, b.location());
    if (right.rank() < 2 || right.dim(-2) != given.dim(-1))
        fail_at(Code::SHAPE_MISMATCH, b.location(),
                fmt::format("lu_solve: {} does not go with {} on its right", to_string(given.shape()),
                            to_string(right.shape())));
    const Tensor lu = with_leading_of("lu_solve", given, right, b.location());
    const Tensor order = expand_dims(factors.permutation, -1);
    const Tensor moved = permuted(with_leading_of("lu_solve", right, given, b.location()),
                                  squeeze(with_leading_of("lu_solve", order, right, b.location()), -1));
    return triangular_solve(lu, triangular_solve(lu, moved, {.unit_diagonal = true}), {.lower = false});
}

}  // namespace podium::linalg
