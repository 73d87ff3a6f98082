#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op while_loop, conditional, optimization_barrier, scan, hold, remat, all_reduce;
}

/// A function of tensors, as traced into a region.
using TensorFunction = std::function<Tensors(const Tensors&)>;

/// Returns the state after `body` has been applied as long as `condition` (→ bool scalar) holds.
Tensors while_loop(const TensorFunction& condition, const TensorFunction& body, const Tensors& state,
                   Location location = std::source_location::current());
/// Returns the results of the branch that `index` (i32 scalar) names; the last one where it is out of range.
Tensors switch_case(const Tensor& index, const std::vector<TensorFunction>& branches, const Tensors& operands,
                    Location location = std::source_location::current());
/// Returns `if_true(operands)` or `if_false(operands)`; both must return tensors of the same shapes.
Tensors cond(const Tensor& predicate, const TensorFunction& if_true, const TensorFunction& if_false,
             const Tensors& operands, Location location = std::source_location::current());
/// Returns the operands, behind which the compiler moves nothing.
Tensors optimization_barrier(const Tensors& operands, Location location = std::source_location::current());
/// Returns the operands and then the signals: what is computed of them begins when all signals are there. On the CPU
/// only operands of a signal's shape wait.
Tensors hold_until(const Tensors& operands, const Tensors& signals,
                   Location location = std::source_location::current());
/// Returns body's results over the slices xs[0], xs[1], … (along dimension 0): the last `carry`, then each result
/// stacked. `body` maps (carry…, slice…) to (carry…, result…). Compiled once, whatever the length.
Tensors scan_list(const TensorFunction& body, const Tensors& carry, const Tensors& xs, std::int64_t length,
                  bool reversed = false, Location location = std::source_location::current());
/// Returns how often a scan node's body runs.
std::int64_t scan_length(const Node& scan);
/// Returns f(operands); a backward pass computes what it needs of it again instead of keeping it.
Tensors remat_list(const TensorFunction& f, const Tensors& operands,
                   Location location = std::source_location::current());
/// Returns `x` combined over all devices of a per-device program: replica groups name device numbers.
Tensor all_reduce(const Binary& combiner, const Operand& x, const std::vector<Dims>& groups);

std::span<const Op* const> control_ops();

}  // namespace podium
