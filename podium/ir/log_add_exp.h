#pragma once

#include "podium/ir/op.h"

namespace podium {

/// Returns log(exp(x) + exp(y)) of each element, computed stably; both: the same floating-point shape. Its running form
/// is `cumulative_logsumexp`.
Tensor log_add_exp(const Tensor& x, const Tensor& y);

}  // namespace podium
