#pragma once

#include "podium/ir/control.h"

namespace podium {

namespace rows {
extern const Op custom_vjp, custom_jvp;
}

/// Returns f(operands), whose gradients are what `backward` says. `forward` returns f's results and then what backward
/// keeps; `backward` maps (what is kept…, one cotangent a result…) to one cotangent an operand. Values captured from
/// outside are constants to the gradient.
Tensors custom_vjp_list(const TensorFunction& f, const TensorFunction& forward, const TensorFunction& backward,
                        const Tensors& operands, Location location = std::source_location::current());

/// Returns f(operands), whose derivatives are what `tangents` says: it maps (operands…, one tangent an operand…) to one
/// tangent a result, linear in the tangents.
Tensors custom_jvp_list(const TensorFunction& f, const TensorFunction& tangents, const Tensors& operands,
                        Location location = std::source_location::current());

std::span<const Op* const> custom_ops();

}  // namespace podium
