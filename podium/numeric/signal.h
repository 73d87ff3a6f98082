#pragma once

#include "podium/ir/ops.h"

namespace podium {

/// Which of the places where two vectors overlap are kept: all, as many as the longer one has elements, or those where
/// the shorter one lies inside.
enum class Overlap { FULL, SAME, VALID };
/// Returns Σ x[k] · y[n − k] at each n; x, y: vectors that are not empty. Source: numpy.convolve.
Tensor convolve(const Operand& x, const Operand& y, Overlap overlap = Overlap::FULL);
/// Returns Σ x[n + k] · conj(y[k]) at each n; x, y: vectors that are not empty. Source: numpy.correlate.
Tensor correlate(const Operand& x, const Operand& y, Overlap overlap = Overlap::VALID);

}  // namespace podium
