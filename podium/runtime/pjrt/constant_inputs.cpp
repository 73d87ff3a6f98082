#include "podium/runtime/pjrt/constant_inputs.h"

#include <algorithm>
#include <unordered_set>

#include "podium/emit/cpu_defects.h"
#include "podium/ir/op.h"

namespace podium {
namespace {

bool is_folded_wrongly(const Node& node) {
    const Op* const op = node.op;
    if (op->kind == Kind::STRUCTURAL) return node.operands.size() > 1;
    if (op->kind == Kind::COMPOSITE) return true;  // made of any others
    return folds_wrongly(node);
}

}  // namespace

bool has_constant_inputs(const Graph& graph) {
    std::unordered_set<const Node*> varying;
    for (const auto& parameter : graph.parameters) varying.insert(parameter.node().get());
    for (const Node* node : topological(graph.results)) {
        if (std::any_of(node->regions.begin(), node->regions.end(),
                        [](const auto& region) { return has_constant_inputs(*region); }))
            return true;
        const bool varies = std::any_of(node->operands.begin(), node->operands.end(),
                                        [&](const Tensor& operand) { return varying.contains(operand.node().get()); });
        if (varies)
            varying.insert(node);
        else if (!node->operands.empty() && is_folded_wrongly(*node))
            return true;
    }
    return false;
}

}  // namespace podium
