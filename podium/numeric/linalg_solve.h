#pragma once

#include "podium/ir/op.h"

namespace podium::linalg {

/// Returns x with a x = b; a: [..., n, n], b: [..., n, k], or [n] where it is a vector. Leading dimensions broadcast. A
/// singular matrix gives infinities or NaN. By LU with pivots. Source: numpy.linalg.solve.
Tensor solve(const Operand& a, const Operand& b);
/// Returns the inverses of the matrices; a: [..., n, n].
Tensor inverse(const Operand& a);
/// Returns x with a x = b of the Cholesky factor of a: a = c cᴴ (`lower`) or cᴴ c; b as in `solve`. Source:
/// jax.scipy.linalg.cho_solve.
Tensor cholesky_solve(const Operand& c, const Operand& b, bool lower = true);
/// Returns the determinants: [...] of a: [..., n, n]. Singular matrices of rank n - 1 have a derivative too, that of
/// their cofactors, as long as U's first n - 1 pivots are not 0. Source: jax.numpy.linalg.det.
Tensor det(const Operand& a);

struct LogDeterminant {
    Tensor sign;       ///< [...], of a's type: -1, 0, 1, or, of complex numbers, one of magnitude 1
    Tensor magnitude;  ///< [...], real: log |det a|; -inf where that is 0
};
/// Returns the determinants' signs and logarithms. Source: numpy.linalg.slogdet.
LogDeterminant slogdet(const Operand& a);

/// Returns the pseudo-inverses: [..., n, m] of a: [..., m, n]. Singular values up to `tolerance` of the largest count
/// as zero; without one, 10 max(m, n) times the type's precision. Source: Golub and Pereyra 1973, "The differentiation
/// of pseudo-inverses and nonlinear least squares problems whose variables separate", equation 4.12;
/// jax.numpy.linalg.pinv.
Tensor pinv(const Operand& a, std::optional<double> tolerance = {});

struct LeastSquares {
    Tensor solution;         ///< [..., n, k], or [n]
    Tensor residuals;        ///< [..., k], or []: |a x - b|²
    Tensor rank;             ///< i32[...]
    Tensor singular_values;  ///< [..., min(m, n)]
};
/// Returns the x of least norm that makes |a x - b| least; a: [..., m, n], b: [..., m, k], or [m] where it is a vector.
/// Singular values up to `tolerance` of the largest count as zero; without one, max(m, n) times the type's precision.
/// Source: numpy.linalg.lstsq.
LeastSquares lstsq(const Operand& a, const Operand& b, std::optional<double> tolerance = {});

/// Returns a multiplied `power` times with itself; of negative powers, the inverse. Source: numpy.linalg.matrix_power.
Tensor matrix_power(const Operand& a, std::int64_t power);
/// Returns the matrix exponential 1 + a + a²/2 + … of a: [..., n, n]. Source: Higham 2005, "The scaling and squaring
/// method for the matrix exponential revisited", of degree 13.
Tensor expm(const Operand& a);

}  // namespace podium::linalg
