#pragma once

#include "podium/ir/op.h"

namespace podium::linalg {

struct Qr {
    Tensor q, r;
};
/// Returns a = q r, q's columns being orthonormal and r upper triangular; a: [..., m, n], q: [..., m, k], r: [..., k,
/// n] with k = min(m, n), or, `complete`, k = m. By Householder reflections, as LAPACK's geqrf: the diagonal of r may
/// be negative. The derivative is that of matrices of full rank; what `complete` adds to q is any basis, and so is its
/// derivative. Source: Walter, Lehmann and Lamour 2012, "On evaluating higher-order derivatives of the QR decomposition
/// of tall matrices with full column rank in forward and reverse mode algorithmic differentiation";
/// jax.numpy.linalg.qr.
Qr qr(const Operand& a, bool complete = false);

struct Lu {
    Tensor lu;           ///< [..., m, n]: L (without its diagonal of ones) below, U on and above the diagonal
    Tensor pivots;       ///< i32[..., min(m, n)]: step i exchanged rows i and pivots[i]
    Tensor permutation;  ///< i32[..., m]: row i of L U is row permutation[i] of a
};
/// Returns the factors of a: [..., m, n] with its rows exchanged so that each pivot is the greatest of its column. A
/// singular matrix has zeros on U's diagonal, and no derivative. Source: jax.lax.linalg.lu.
Lu lu(const Operand& a);
/// Returns the tangent of factors.lu where a's is `tangent`.
Tensor lu_tangent(const Lu& factors, const Tensor& tangent);
/// Returns x with a x = b from the factors of a: [..., n, n]; b: [..., n, k]. Leading dimensions broadcast.
Tensor lu_solve(const Lu& factors, const Operand& b);

}  // namespace podium::linalg
