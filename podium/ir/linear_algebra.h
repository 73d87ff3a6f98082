#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op cholesky, triangular_solve, fft;
}

/// Returns the lower triangular L with L Lᴴ = a (or the upper one with Uᴴ U = a) of each Hermitian positive definite
/// matrix of `a`: [..., n, n]; zeros in the other triangle. What is not positive definite gives NaN.
Tensor cholesky(const Operand& a, bool lower = true);

enum class Transpose { NONE, TRANSPOSE, ADJOINT };
struct TriangularSolveOptions {
    bool left_side = true;  ///< solve op(a) x = b, else x op(a) = b
    bool lower = true;      ///< which triangle of `a` is read
    bool unit_diagonal = false;
    Transpose transpose = Transpose::NONE;  ///< op
};
/// Returns the solutions x of triangular systems; a: [..., n, n], b: [..., n, k] ([..., k, n] from the right).
Tensor triangular_solve(const Operand& a, const Operand& b, const TriangularSolveOptions& options = {});

enum class FftType { FFT, IFFT, RFFT, IRFFT };
/// Returns the discrete Fourier transform over the last `length.size()` (1 to 3) dimensions, whose sizes in real
/// numbers `length` says.
Tensor fft(const Operand& x, FftType type, const Dims& length);

/// Returns `x` with zeros above (or, with `upper`, below) diagonal `k` of its last two dimensions.
Tensor triangle(const Operand& x, bool upper = false, std::int64_t k = 0);
/// Returns `x` with its last two dimensions exchanged and conjugated.
Tensor adjoint(const Operand& x);

std::span<const Op* const> linear_algebra_ops();

}  // namespace podium
