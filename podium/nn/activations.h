#pragma once

#include "podium/ir/ops.h"

namespace podium::nn {

using podium::tanh;

/// Returns x where it is positive, else 0; NaN stays NaN. The gradient at 0 is 0.
Tensor relu(const Operand& x);
/// Returns x Φ(x) by the tanh approximation. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.
Tensor gelu(const Operand& x);
/// Returns x Φ(x) by the error function. Source: the same.
Tensor gelu_exact(const Operand& x);
/// Returns x σ(x). Source: Elfwing et al. 2017, arXiv:1702.03118, equation 5.
Tensor silu(const Operand& x);
/// Returns log(1 + exp(x)), computed stably. Source: Dugas et al. 2000, "Incorporating Second-Order Functional
/// Knowledge for Better Option Pricing", equation 8.
Tensor softplus(const Operand& x);
/// Returns exp(x) / Σ exp(x) along `axis`, computed stably.
Tensor softmax(const Operand& x, std::int64_t axis = -1);
/// Returns x − log Σ exp(x) along `axis`, computed stably.
Tensor log_softmax(const Operand& x, std::int64_t axis = -1);

}  // namespace podium::nn
