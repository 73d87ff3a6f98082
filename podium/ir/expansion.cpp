#include "podium/ir/expansion.h"

#include "podium/ir/control.h"
#include "podium/ir/pullback.h"

namespace podium {

Tensors vjp_by_expansion(const VjpArguments& v) {
    Tensors inputs;  // nodes of their own: an operand may be there twice
    for (const auto& operand : v.operands) inputs.push_back(named(Operand(operand, v.node.location), {}));
    const Tensor copy = with_operands(v.node.results.empty() ? v.result : Tensor(v.result), inputs);
    return pullback(v.node.op->expand(*copy.node()), {v.cotangents.begin(), v.cotangents.end()}, inputs).gradients;
}

}  // namespace podium
