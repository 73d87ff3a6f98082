#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op cumulative_sum;
}

/// Returns the running sums along `axis`: element i adds elements 0 … i (from the end where reversed).
Tensor cumulative_sum(const Operand& x, std::int64_t axis, bool reversed = false);
Tensor cumulative_product(const Operand& x, std::int64_t axis, bool reversed = false);
Tensor cumulative_max(const Operand& x, std::int64_t axis, bool reversed = false);
Tensor cumulative_min(const Operand& x, std::int64_t axis, bool reversed = false);
/// Returns the logarithms of the running sums of exp(x), computed stably.
Tensor cumulative_logsumexp(const Operand& x, std::int64_t axis, bool reversed = false);

std::span<const Op* const> cumulative_ops();

}  // namespace podium
