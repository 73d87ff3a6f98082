#include "podium/ir/pullback.h"

#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"

namespace podium {
namespace {

using Flags = std::unordered_map<const Node*, bool>;

/// Marks, for each node in topological order, whether it depends on an input.
Flags dependents(const std::vector<Node*>& order, const Tensors& inputs) {
    Flags depends;
    depends.reserve(order.size());
    for (const auto& input : inputs) depends[input.node().get()] = true;
    for (const Node* node : order) {
        bool& flag = depends[node];
        for (const auto& operand : node->operands) flag = flag || depends[operand.node().get()];
    }
    return depends;
}

/// Returns the outputs with every loop on the way to the inputs replaced by one that keeps what its backward pass
/// needs. A loop that an earlier walk has made is replaced too: what it kept is a result like others to this walk.
Tensors augmented(Tensors outputs, const Tensors& inputs) {
    // Loops made here are marked by what made them: one of an earlier walk keeps results of its own, which now count
    // too.
    std::unordered_set<const Node*> made;
    while (true) {
        const auto order = topological(outputs);
        const Flags depends = dependents(order, inputs);
        std::unordered_map<const Node*, Tensor> replace;
        for (const Node* node : order)
            if (node->op->augment != nullptr && !made.contains(node) && depends.at(node)) {
                const Tensor keeping = node->op->augment(*node);
                made.insert(keeping.defined() ? keeping.node().get() : node);
                if (!keeping.defined()) continue;
                replace.emplace(node, keeping);
                break;
            }
        if (replace.empty()) return outputs;
        outputs = substitute(outputs, replace);
    }
}

class Walk {
public:
    explicit Walk(const Flags& depends) : depends_(depends) {}

    void accumulate(const Node* node, std::size_t result, const Tensor& cotangent) {
        if (!cotangent.defined()) return;
        auto& slots = cotangents_[node];
        if (slots.size() <= result) slots.resize(result + 1);
        slots[result] = slots[result].defined() ? add(Operand(slots[result], node->location), cotangent) : cotangent;
    }

    Tensor gradient(const Node* node) const {
        const auto found = cotangents_.find(node);
        return found == cotangents_.end() ? Tensor() : found->second[0];
    }

    void visit(const Tensor& tensor) {
        const Node& node = *tensor.node();
        const auto found = cotangents_.find(&node);
        if (found == cotangents_.end() || node.operands.empty()) return;
        if (node.op->kind == Kind::RESULT) {
            accumulate(node.operands[0].node().get(), static_cast<std::size_t>(node.integer(0)), found->second[0]);
            return;
        }
        if (!node.op->vjp) return;
        const LocationScope scope(node.location, LocationScope::Among::INNERMOST);
        Tensors cotangents = found->second;
        cotangents.resize(std::max<std::size_t>(node.results.size(), 1));
        const Tensors gradients = node.op->vjp.function({node, node.operands, tensor, cotangents, cotangents[0]});
        for (std::size_t i = 0; i < gradients.size(); ++i)
            if (gradients[i].defined() && depends_.at(node.operands[i].node().get()))
                accumulate(node.operands[i].node().get(), 0, gradients[i]);
    }

private:
    const Flags& depends_;
    std::unordered_map<const Node*, Tensors> cotangents_;
};

}  // namespace

Tensor or_zeros(const Tensor& tensor, const Shape& shape) {
    return tensor.defined() ? tensor : zeros(shape.dims, shape.type);
}

Pullback pullback(const Tensors& outputs, const Tensors& cotangents, const Tensors& inputs) {
    const std::lock_guard lock(recording_mutex());
    Pullback result{augmented(outputs, inputs), {}};
    const Tensors order = topological_tensors(result.outputs);
    std::vector<Node*> nodes;
    for (const auto& tensor : order) nodes.push_back(tensor.node().get());
    const Flags depends = dependents(nodes, inputs);
    Walk walk(depends);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (depends.at(result.outputs[i].node().get()))
            walk.accumulate(result.outputs[i].node().get(), 0, cotangents[i]);
    std::unordered_map<const Node*, bool> stop;
    for (const auto& input : inputs) stop[input.node().get()] = true;
    for (auto tensor = order.rbegin(); tensor != order.rend(); ++tensor)
        if (depends.at(tensor->node().get()) && !stop.contains(tensor->node().get())) walk.visit(*tensor);
    for (const auto& input : inputs) result.gradients.push_back(walk.gradient(input.node().get()));
    return result;
}

}  // namespace podium
