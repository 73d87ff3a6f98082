#include "podium/numeric/linalg_spectral.h"

#include <cmath>

#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/linear_algebra.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/ir/sorting.h"
#include "podium/numeric/linalg_factor.h"
#include "podium/numeric/matrices.h"

namespace podium::linalg {
namespace {

/// Sweeps after which the loops end in any case: some ten are usual, NaNs never converge.
constexpr std::int32_t MOST_SWEEPS = 40;

/// Rotations (p, q) → (cosine p - sine‾ q, sine p + cosine q), which make Hermitian 2x2 matrices diagonal.
struct Rotation {
    Tensor cosine, sine;  ///< [batch, pairs], of the matrix's type
    Tensor tangent;       ///< of the angle; real
};

/// Returns the rotations for [[first, off], [off‾, second]]; first and second are real.
Rotation rotation_of(const Tensor& first, const Tensor& off, const Tensor& second) {
    const Tensor size = abs(off), none = equal(size, 0.0), one = ones_like(size);
    const Tensor whole = select(none, one, size);
    const Tensor ratio = (second - first) / (whole * 2.0);
    // 1 / (|r| + sqrt(1 + r²)) with the sign of r; r² may be infinite, and the tangent is 0 then.
    const Tensor least = 1.0 / (abs(ratio) + sqrt(square(ratio) + 1.0));
    const Tensor tangent = select(none, zeros_like(size), select(ratio >= 0.0, least, negate(least)));
    const Tensor cosine = rsqrt(square(tangent) + 1.0);
    const DataType type = off.type();
    return {convert(cosine, type), convert(cosine * tangent, type) * (off / convert(whole, type)), tangent};
}

/// Returns the pairs of columns (i, i + n / 2) rotated.
Tensor rotated_columns(const Tensor& x, const Rotation& by) {
    const auto half = x.dim(2) / 2;
    const Tensor p = columns(x, 0, half), q = columns(x, half, half);
    const Tensor cosine = expand_dims(by.cosine, 1), sine = expand_dims(by.sine, 1);
    return concatenate({cosine * p - conj(sine) * q, sine * p + cosine * q}, 2);
}

/// Returns `x` with its columns (or rows) in their seats for the next round: the first stays, the others move on by
/// one, so that each meets each other in n - 1 rounds and is back then.
Tensor reseated(const Tensor& x, std::int64_t axis) {
    const auto half = x.dim(axis) / 2;
    const auto part = [&](std::int64_t from, std::int64_t to) { return slice_axis(x, axis, from, to); };
    if (half == 1) return x;
    Tensors seats{part(0, 1), part(half, half + 1)};
    if (half > 2) seats.push_back(part(1, half - 1));
    seats.push_back(part(half + 1, 2 * half));
    seats.push_back(part(half - 1, half));
    return concatenate(seats, axis);
}

/// Returns [batch, n, n] with zero rows and columns behind, so that n is even.
Tensor made_even(const Tensor& x) {
    const auto odd = x.dim(2) % 2;
    return odd == 0 ? x : pad(x, zeros({}, x.type()), {0, 0, 0}, {0, odd, odd});
}

/// Returns the greatest magnitude of each matrix, or 1 where that is 0: [batch, 1, 1].
Tensor scale_of(const Tensor& x) {
    const Tensor largest = max(abs(x), {1, 2}, true);
    return select(largest > 0.0, largest, ones_like(largest));
}

/// Returns `state` after sweeps of so many rounds. A round maps (state, the greatest disorder that the sweep has met)
/// to the same; the sweeps end when one has met no more than `tolerance`.
Tensors swept(const TensorFunction& round, Tensors state, std::int64_t rounds, double tolerance) {
    const auto last = state.size();
    state.push_back(full({}, 1.0, part_type(state[0].type())));  // the disorder that the last sweep met
    state.push_back(zeros({}, DataType::INT32));
    Tensors found = while_loop(
        [&](const Tensors& now) -> Tensors {
            return {logical_and(greater(now[last], tolerance), less(now[last + 1], MOST_SWEEPS))};
        },
        [&](const Tensors& now) {
            Tensors from(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(last));
            from.push_back(zeros_like(now[last]));
            Tensors next = scan_list(round, from, {}, rounds);
            next.push_back(now[last + 1] + 1);
            return next;
        },
        state);
    found.resize(last);
    return found;
}

/// Returns values: [batch, n], ascending, and vectors of a Hermitian a: [batch, n, n].
Tensors jacobi(const Tensor& given) {
    const DataType type = given.type();
    const Tensor scale = scale_of(given), a = made_even(given / convert(scale, type));
    const auto batch = a.dim(0), n = a.dim(1), half = n / 2, kept = given.dim(1);
    const Tensor paired = eye(half, DataType::BOOL);
    // Rows 0 … n - 1 are the matrix, the others the vectors: both have their columns rotated alike.
    const Tensor start = concatenate({a, broadcast_to(eye(n, type), {batch, n, n})}, 1);
    const auto block = [&](const Tensor& x, std::int64_t row, std::int64_t column) {
        return main_diagonal(columns(slice_axis(x, 1, row * half, (row + 1) * half), column * half, half));
    };
    const auto round = [&](const Tensors& in) -> Tensors {
        const Tensor& x = in[0];
        const Tensor first = real(block(x, 0, 0)), off = block(x, 0, 1), second = real(block(x, 1, 1));
        const Rotation by = rotation_of(first, off, second);
        const Tensor turned = rotated_columns(x, by);
        const Tensor p = slice_axis(turned, 1, 0, half), q = slice_axis(turned, 1, half, n);
        const Tensor cosine = expand_dims(by.cosine, 2), sine = expand_dims(by.sine, 2);
        const Tensor shift = by.tangent * abs(off);
        // What the rotations make exactly zero is set so, and the diagonal is what they say: errors do not add up.
        const auto cleaned = [&](const Tensor& rows, const Tensor& diagonal, bool left) {
            const Tensor with =
                select(paired, expand_dims(convert(diagonal, type), 2), columns(rows, left ? 0 : half, half));
            const Tensor without = select(paired, zeros({}, type), columns(rows, left ? half : 0, half));
            return concatenate(left ? Tensors{with, without} : Tensors{without, with}, 2);
        };
        const Tensor top = cleaned(cosine * p - sine * q, first - shift, true);
        const Tensor bottom = cleaned(conj(sine) * p + cosine * q, second + shift, false);
        const Tensor whole =
            concatenate({reseated(concatenate({top, bottom}, 1), 1), slice_axis(turned, 1, n, 2 * n)}, 1);
        return {reseated(whole, 2), maximum(in[1], max(abs(off)))};
    };
    const Tensor found = swept(round, {start}, std::max<std::int64_t>(n - 1, 1), epsilon(type))[0];
    const Tensor values = columns(real(main_diagonal(slice_axis(found, 1, 0, n))), 0, kept) * squeeze(scale, 2);
    const Tensor vectors = columns(slice_axis(found, 1, n, n + kept), 0, kept);
    const Tensor order = argsort(values);
    return {squeeze(rows_at(expand_dims(values, 2), order), 2),
            swap_axes(rows_at(swap_axes(vectors, 1, 2), order), 1, 2)};
}

/// Returns the inverses of the differences values[j] - values[i], or 0 where they are equal: [..., n, n].
Tensor inverse_differences(const Tensor& values) {
    const Tensor difference = expand_dims(values, values.rank() - 1) - expand_dims(values, values.rank());
    return divided_where_not_zero(ones_like(difference), difference);
}

/// Returns the tangents u, s and vh of a reduced decomposition, a: [..., m, n]. Source: jax.lax.linalg's _svd_jvp_rule.
Tensors svd_tangents(const Svd& found, const Tensor& tangent) {
    const auto& [u, s, vh] = found;
    const auto m = tangent.dim(-2), n = tangent.dim(-1), k = s.dim(-1);
    const DataType type = tangent.type();
    const Tensor v = adjoint(vh), inner = matmul(adjoint(u), matmul(tangent, v));
    const Tensor row = convert(expand_dims(s, s.rank() - 1), type), column = convert(expand_dims(s, s.rank()), type);
    const Tensor squares = convert(inverse_differences(square(s)), type);
    const Tensor by_u = row * inner, by_v = column * inner;
    // Where values are complex, the phases that u and v share are turned by u alone.
    const Tensor phases = divided_where_not_zero((inner - adjoint(inner)) * 0.5, row) * eye(k, type);
    Tensor du = matmul(u, squares * (by_u + adjoint(by_u)) + phases);
    Tensor dv = matmul(v, squares * (by_v + adjoint(by_v)));
    const auto outside = [&](const Tensor& basis, const Tensor& moved) {
        return divided_where_not_zero(moved - matmul(basis, matmul(adjoint(basis), moved)), row);
    };
    if (m > n) du = du + outside(u, matmul(tangent, v));
    if (n > m) dv = dv + outside(v, matmul(adjoint(tangent), u));
    return {du, real(main_diagonal(inner)), adjoint(dv)};
}

/// Returns the tangent of what completes `basis` (with its own tangent): it turns no more than orthogonality asks.
Tensor complement_tangent(const Tensor& basis, const Tensor& tangent, const Tensor& complement) {
    return negate(matmul(basis, matmul(adjoint(tangent), complement)));
}

/// Returns u, s and vh of a: [batch, m, n], m >= n; u is [batch, m, m] where `complete`.
Tensors one_sided_jacobi(const Tensor& given, bool complete) {
    const DataType type = given.type();
    const auto batch = given.dim(0), m = given.dim(1), kept = given.dim(2);
    const Tensor scale = scale_of(given);
    const Qr first = qr(given / convert(scale, type), complete);
    // Columns of rᴴ: lower triangular matrices converge faster. Below them, the rotations.
    const Tensor work = made_even(adjoint(slice_axis(first.r, 1, 0, kept)));
    const auto n = work.dim(1), half = n / 2;
    const Tensor start = concatenate({work, broadcast_to(eye(n, type), {batch, n, n})}, 1);
    const auto round = [&](const Tensors& in) -> Tensors {
        const Tensor matrix = slice_axis(in[0], 1, 0, n);
        const Tensor p = columns(matrix, 0, half), q = columns(matrix, half, half);
        const Tensor first_square = sum(squared_magnitude(p), {1}), second_square = sum(squared_magnitude(q), {1});
        const Tensor off = sum(conj(p) * q, {1});
        const Tensor cosine = divided_where_not_zero(abs(off), sqrt(first_square) * sqrt(second_square));
        // Columns that are nothing but rounding errors need not be orthogonal.
        const double negligible = epsilon(type) * epsilon(type);
        const Tensor counts = greater(minimum(first_square, second_square), negligible);
        return {reseated(rotated_columns(in[0], rotation_of(first_square, off, second_square)), 2),
                maximum(in[1], max(select(counts, cosine, zeros_like(cosine))))};
    };
    const double tolerance = 2 * epsilon(type) * std::sqrt(static_cast<double>(n));
    const Tensor found = swept(round, {start}, std::max<std::int64_t>(n - 1, 1), tolerance)[0];
    const Tensor turned = columns(slice_axis(found, 1, 0, kept), 0, kept);
    const Tensor rotations = columns(slice_axis(found, 1, n, n + kept), 0, kept);
    const Tensor sizes = sqrt(sum(squared_magnitude(turned), {1}));
    const Tensor order = argsort(sizes, -1, true);
    const auto sorted = [&](const Tensor& x) { return swap_axes(rows_at(swap_axes(x, 1, 2), order), 1, 2); };
    // The columns are orthogonal and in descending order: their QR factorization makes them orthonormal to the last
    // bit, and gives directions to those that are zero.
    const Qr second = qr(sorted(turned));
    const Tensor diagonal = main_diagonal(second.r), size = abs(diagonal);
    const Tensor phase =
        select(equal(size, 0.0), ones_like(diagonal), divided_where_not_zero(diagonal, convert(size, type)));
    const Tensor v = second.q * expand_dims(phase, 1);
    Tensor u = matmul(columns(first.q, 0, kept), sorted(rotations));
    if (complete) u = concatenate({u, columns(first.q, kept, m - kept)}, 2);
    const Tensor values = squeeze(rows_at(expand_dims(sizes, 2), order), 2) * squeeze(scale, 2);
    return {u, values, adjoint(v)};
}

/// The same for any a: [..., m, n], with derivatives.
Svd decomposed(const Tensor& a, bool full, const Location& location) {
    const auto m = a.dim(-2), n = a.dim(-1), k = std::min(m, n);
    const bool wide = m < n;
    const auto compute = [=](const Tensors& in) -> Tensors {
        const Tensor flat = flat_matrices(in[0]);
        const Tensors found = one_sided_jacobi(wide ? adjoint(flat) : flat, full && m != n);
        const auto shaped = [&](const Tensor& x) { return batched_like(x, in[0]); };
        if (wide) return {shaped(adjoint(found[2])), shaped(found[1]), shaped(adjoint(found[0]))};
        return {shaped(found[0]), shaped(found[1]), shaped(found[2])};
    };
    const auto rule = [=](const Tensors&, const Tensors& found, const Tensors& tangents) -> Tensors {
        const auto rows = [](const Tensor& x, std::int64_t from, std::int64_t to) {
            return slice_axis(x, x.rank() - 2, from, to);
        };
        const Svd reduced{columns(found[0], 0, k), found[1], rows(found[2], 0, k)};
        Tensors all = svd_tangents(reduced, tangents[0]);
        if (found[0].dim(-1) > k)
            all[0] =
                concatenate({all[0], complement_tangent(reduced.u, all[0], columns(found[0], k, m - k))}, a.rank() - 1);
        if (found[2].dim(-2) > k)
            all[2] = concatenate({all[2], adjoint(complement_tangent(adjoint(reduced.vh), adjoint(all[2]),
                                                                     adjoint(rows(found[2], k, n))))},
                                 a.rank() - 2);
        return all;
    };
    const Tensors found = with_derivative(compute, rule, {a}, location);
    return {found[0], found[1], found[2]};
}

}  // namespace

Eigh eigh(const Operand& a) {
    const LocationScope scope(a.location());
    const Tensor& x = a.tensor();
    expect_square_matrices("eigh", x, a.location());
    const Tensors found = with_derivative(
        [](const Tensors& in) -> Tensors {
            const Tensors flat = jacobi(flat_matrices(in[0]));
            return {batched_like(flat[0], in[0]), batched_like(flat[1], in[0])};
        },
        [](const Tensors&, const Tensors& results, const Tensors& tangents) -> Tensors {
            const auto &values = results[0], &vectors = results[1];
            const Tensor inner = matmul(adjoint(vectors), matmul(tangents[0], vectors));
            return {real(main_diagonal(inner)),
                    matmul(vectors, convert(inverse_differences(values), vectors.type()) * inner)};
        },
        {(x + adjoint(x)) * 0.5}, a.location());
    return {found[0], found[1]};
}

Svd svd(const Operand& a, bool full_matrices) {
    const LocationScope scope(a.location());
    expect_matrices("svd", a.tensor(), a.location());
    return decomposed(a.tensor(), full_matrices, a.location());
}

Tensor singular_values(const Operand& a) {
    const LocationScope scope(a.location());
    expect_matrices("singular_values", a.tensor(), a.location());
    return decomposed(a.tensor(), false, a.location()).s;
}

}  // namespace podium::linalg
