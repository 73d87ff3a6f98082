#pragma once

#include "podium/ir/op.h"

namespace podium::linalg {

struct Eigh {
    Tensor values;   ///< [..., n], real, ascending
    Tensor vectors;  ///< [..., n, n]: column i belongs to value i
};
/// Returns the eigenvalues and orthonormal eigenvectors of (a + aᴴ) / 2; a: [..., n, n]. By Jacobi rotations of n / 2
/// pairs at once, in a loop that ends at machine precision. The derivatives of vectors whose values are equal are those
/// that functions which do not depend on their choice need. Source: Brent and Luk 1985, "The solution of
/// singular-value and symmetric eigenvalue problems on multiprocessor arrays"; jax.numpy.linalg.eigh.
Eigh eigh(const Operand& a);

struct Svd {
    Tensor u;   ///< [..., m, k], or [..., m, m]
    Tensor s;   ///< [..., k], real, descending; k = min(m, n)
    Tensor vh;  ///< [..., k, n], or [..., n, n]
};
/// Returns a = u diag(s) vh with orthonormal columns of u and rows of vh; a: [..., m, n]; `full_matrices` completes
/// both to bases. By one-sided Jacobi rotations after a QR factorization. Derivatives as eigh's; what completes a basis
/// is any. Source: Hestenes 1958, "Inversion of matrices by biorthogonalization and related results"; Brent and Luk
/// 1985; jax.numpy.linalg.svd.
Svd svd(const Operand& a, bool full_matrices = true);
/// Returns the singular values alone: [..., min(m, n)], descending.
Tensor singular_values(const Operand& a);

}  // namespace podium::linalg
