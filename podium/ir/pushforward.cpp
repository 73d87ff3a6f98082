#include "podium/ir/pushforward.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/pullback.h"

namespace podium {
namespace {

/// The derivative of an elementwise row is diagonal: the vjp rule by operand i, at that operand's tangent.
Tensor elementwise_tangent(const Tensor& tensor, std::span<const Tensor> tangents) {
    const Node& node = *tensor.node();
    Tensor total;
    for (std::size_t i = 0; i < tangents.size(); ++i) {
        if (!tangents[i].defined()) continue;
        const Tensors cotangents{tangents[i]};
        const Tensor part = node.op->vjp.function({node, node.operands, tensor, cotangents, cotangents[0]})[i];
        if (part.defined()) total = total.defined() ? add(Operand(total, node.location), part) : part;
    }
    return total;
}

class ForwardWalk {
public:
    void start(const Tensor& input, const Tensor& tangent) { values_[input.node().get()] = {{input}, {tangent}}; }

    bool knows(const Tensor& tensor) const { return values_.contains(tensor.node().get()); }
    Tensor primal(const Tensor& tensor) const { return values_.at(tensor.node().get()).primals[0]; }
    Tensor tangent(const Tensor& tensor) const { return values_.at(tensor.node().get()).tangents[0]; }

    void visit(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (node.op->kind == Kind::RESULT) {
            const Value& source = values_.at(node.operands[0].node().get());
            const auto index = static_cast<std::size_t>(node.integer(0));
            const Tensor own = source.projected ? source.primals[index] : copied(tensor);
            values_[&node] = {{own}, {source.tangents.empty() ? Tensor() : source.tangents[index]}};
            return;
        }
        const Tensor own = copied(tensor);
        Tensors tangents;
        for (const auto& operand : node.operands) tangents.push_back(tangent(operand));
        const bool flows = std::ranges::any_of(tangents, [](const Tensor& each) { return each.defined(); });
        const bool several = !node.results.empty();
        values_[&node] = {{own}, several ? Tensors() : Tensors(1)};
        if (!flows || !(node.op->jvp || node.op->vjp)) return;
        const LocationScope scope(node.location, LocationScope::Among::INNERMOST);
        Tensors found;
        if (node.op->jvp)
            found = node.op->jvp.function({*own.node(), own->operands, own, tangents});
        else if (node.op->kind == Kind::ELEMENTWISE)
            found = {elementwise_tangent(own, tangents)};
        else
            found = transposed_vjp(own, tangents);
        const auto count = static_cast<std::ptrdiff_t>(std::max<std::size_t>(node.results.size(), 1));
        if (static_cast<std::ptrdiff_t>(found.size()) == 2 * count)  // results and tangents of one loop
            values_[&node] = {Tensors(found.begin(), found.begin() + count),
                              Tensors(found.begin() + count, found.end()), true};
        else
            values_[&node].tangents = std::move(found);
    }

private:
    /// What stands for a node: its primal (or, of a loop, all its results), and a tangent a result. A node of several
    /// results that no tangent reaches has none.
    struct Value {
        Tensors primals, tangents;
        bool projected = false;  ///< the primals are the results themselves
    };

    Tensor copied(const Tensor& tensor) const {
        bool changed = false;
        Tensors operands;
        for (const auto& operand : tensor->operands) {
            operands.push_back(primal(operand));
            changed = changed || operands.back().node() != operand.node();
        }
        return changed ? with_operands(tensor, std::move(operands)) : tensor;
    }

    std::unordered_map<const Node*, Value> values_;
};

}  // namespace

Tensors transposed_vjp(const Tensor& tensor, std::span<const Tensor> tangents) {
    const Node& node = *tensor.node();
    const std::vector<Shape> shapes = node.results.empty() ? std::vector{node.shape} : node.results;
    Tensors cotangents, variables;  // places to differentiate by; their values do not matter
    for (const auto& shape : shapes) {
        cotangents.push_back(is_inexact(shape.type) ? zeros(shape.dims, shape.type, node.location) : Tensor());
        if (cotangents.back().defined()) variables.push_back(cotangents.back());
    }
    const Tensors gradients = node.op->vjp.function({node, node.operands, tensor, cotangents, cotangents[0]});
    Tensors outputs, directions;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (gradients[i].defined() && tangents[i].defined()) {
            outputs.push_back(gradients[i]);
            directions.push_back(tangents[i]);
        }
    if (outputs.empty()) return Tensors(shapes.size());
    const Tensors found = pullback(outputs, directions, variables).gradients;
    Tensors results;
    std::size_t next = 0;
    for (const auto& cotangent : cotangents) results.push_back(cotangent.defined() ? found[next++] : Tensor());
    return results;
}

Pushforward pushforward(const Tensors& outputs, const Tensors& inputs, const Tensors& tangents) {
    const std::lock_guard lock(recording_mutex());
    ForwardWalk walk;
    for (std::size_t i = 0; i < inputs.size(); ++i) walk.start(inputs[i], tangents[i]);
    for (const auto& tensor : topological_tensors(outputs))
        if (!walk.knows(tensor)) walk.visit(tensor);
    Pushforward result;
    for (const auto& output : outputs) {
        result.outputs.push_back(walk.primal(output));
        result.tangents.push_back(walk.tangent(output));
    }
    return result;
}

std::vector<bool> reached(const Graph& graph, const std::vector<bool>& flows) {
    std::unordered_map<const Node*, bool> marked;
    for (std::size_t i = 0; i < graph.parameters.size(); ++i) marked[graph.parameters[i].node().get()] = flows[i];
    for (const Node* node : topological(graph.results)) {
        bool& flag = marked[node];
        const bool passes = node->op->kind == Kind::RESULT || node->op->jvp || node->op->vjp;
        for (const auto& operand : node->operands) flag = flag || (passes && marked[operand.node().get()]);
    }
    std::vector<bool> results;
    for (const auto& result : graph.results)
        results.push_back(marked[result.node().get()] && is_inexact(result.type()));
    return results;
}

Tensors push_graph(const Graph& graph, const Tensors& arguments, const Tensors& tangents,
                   const std::vector<bool>& wanted) {
    const TraceScope scope;
    std::unordered_map<const Node*, Tensor> replace;
    Tensors directions(tangents.size());
    for (std::size_t i = 0; i < tangents.size(); ++i) {
        replace.emplace(graph.parameters[i].node().get(), arguments[i]);
        if (!tangents[i].defined()) continue;
        directions[i] = scope.parameter(tangents[i].shape());
        replace.emplace(directions[i].node().get(), tangents[i]);
    }
    const Pushforward pushed = pushforward(graph.results, graph.parameters, directions);
    Tensors all = pushed.outputs;
    for (std::size_t i = 0; i < graph.results.size(); ++i)
        if (wanted[i]) all.push_back(or_zeros(pushed.tangents[i], graph.results[i].shape()));
    return substitute(all, replace);
}

}  // namespace podium
