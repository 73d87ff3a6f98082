#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op while_loop, conditional, if_else, optimization_barrier, scan, hold, remat, named, stored, check;
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
/// What a backward pass keeps of a `remat` function instead of computing it again. Source: jax.checkpoint_policies.
struct RematPolicy {
    bool everything = false;              ///< as if `remat` were not there
    bool dots = false;                    ///< results of matrix products
    std::vector<std::string> names = {};  ///< what `named` calls so

    static const RematPolicy NOTHING, EVERYTHING, DOTS;
    bool operator==(const RematPolicy&) const = default;
};
inline const RematPolicy RematPolicy::NOTHING{}, RematPolicy::EVERYTHING{.everything = true},
    RematPolicy::DOTS{.dots = true};

/// Returns f(operands); a backward pass computes again what the policy does not keep.
Tensors remat_list(const TensorFunction& f, const Tensors& operands,
                   Location location = std::source_location::current(),
                   const RematPolicy& policy = RematPolicy::NOTHING);
/// Returns the running results of an associative function of (a…, b…) along `axis`.
Tensors associative_scan_list(const TensorFunction& combine, const Tensors& elements, std::int64_t axis, bool reversed,
                              Location location = std::source_location::current());
/// Returns `x`, which policies of `remat` know by that name. Source: jax.ad_checkpoint.checkpoint_name.
Tensor named(const Operand& x, std::string name);

/// Returns `x`; in a checked program (see `checkify`) the message is thrown unless all of `condition` hold. Elsewhere
/// it costs nothing. Source: jax.experimental.checkify.check.
Tensor check(const Operand& x, const Operand& condition, std::string message);

std::span<const Op* const> control_ops();

}  // namespace podium
