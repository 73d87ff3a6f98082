#include "podium/runtime/interp/interp.h"

#include <array>
#include <unordered_set>

#include "podium/ir/number.h"

namespace podium {
namespace {

void expect_arguments(const Graph& graph, std::span<const HostArray> arguments) {
    if (arguments.size() != graph.parameters.size())
        fail(Code::INVALID_ARGUMENT, "interp: {} takes {} arguments, {} were given", graph.name,
             graph.parameters.size(), arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Shape &expected = graph.parameters[i].shape(), &found = arguments[i].shape();
        if (!(expected == found))
            fail(expected.type == found.type ? Code::SHAPE_MISMATCH : Code::DTYPE_MISMATCH,
                 "interp: argument {} of {} is {}, expected {}", i, graph.name, to_string(found), to_string(expected));
    }
}

std::vector<HostArray> by_reference(const Node& node, std::span<const HostArray> operands) {
    HostArray result(node.shape);
    std::array<Number, 3> numbers;
    for (std::int64_t i = 0; i < result.count(); ++i) {
        for (std::size_t k = 0; k < operands.size(); ++k) numbers[k] = load(operands[k], i);
        store(result, i, apply_reference(*node.op, std::span(numbers).first(operands.size())));
    }
    return {result};
}

}  // namespace

Interpreter::Interpreter(const Graph& graph) : graph_(std::make_shared<const Graph>(graph)) {
    const TraceScope scope;  // what composites expand into belongs here and is never evaluated elsewhere
    prepare(*graph_);
}

const Tensors& Interpreter::dependencies(const Node& node) const {
    return is_made_of_others(*node.op) ? expansions_.at(&node) : node.operands;
}

void Interpreter::prepare(const Graph& graph) {
    if (orders_.contains(&graph)) return;
    Tensors order;
    std::unordered_set<const Node*> seen;
    std::vector<std::pair<Tensor, std::size_t>> stack;
    const auto enter = [&](const Tensor& tensor) {
        if (!seen.insert(tensor.node().get()).second) return;
        if (is_made_of_others(*tensor->op) && !expansions_.contains(tensor.node().get()))
            expansions_.emplace(tensor.node().get(), tensor->op->expand(*tensor.node()));
        stack.emplace_back(tensor, 0);
    };
    for (const auto& root : graph.results) {
        enter(root);
        while (!stack.empty()) {
            auto& [tensor, next] = stack.back();
            if (const auto& needed = dependencies(*tensor.node()); next < needed.size()) {
                enter(needed[next++]);
            } else {
                order.push_back(tensor);
                stack.pop_back();
            }
        }
    }
    for (const auto& tensor : orders_[&graph] = std::move(order))
        if (tensor->op->kind == Kind::STRUCTURAL && !is_made_of_others(*tensor->op))
            for (const auto& region : tensor->regions) prepare(*region);
}

std::vector<HostArray> Interpreter::run(std::span<const HostArray> arguments) const { return run(*graph_, arguments); }

std::vector<HostArray> Interpreter::value_of(const Node& node, const Values& values) const {
    const std::function<std::vector<HostArray>(const Graph&, std::span<const HostArray>)> region =
        [this](const Graph& inner, std::span<const HostArray> inputs) { return run(inner, inputs); };
    std::vector<HostArray> operands;
    for (const auto& needed : dependencies(node)) operands.push_back(values.at(needed.node().get()).front());
    if (is_made_of_others(*node.op)) return operands;
    switch (node.op->kind) {
        case Kind::PARAMETER: break;
        case Kind::CONSTANT: return {*node.literal};
        case Kind::EVALUATED: return {node.buffer->to_host()};
        case Kind::RESULT: return {values.at(node.operands[0].node().get())[static_cast<std::size_t>(node.integer(0))]};
        case Kind::COMPOSITE: return operands;
        case Kind::ELEMENTWISE:
            if (node.op->evaluate == nullptr) return by_reference(node, operands);
            [[fallthrough]];
        case Kind::STRUCTURAL:
            if (node.op->evaluate != nullptr) return node.op->evaluate({node, operands, region});
            fail_at(Code::UNIMPLEMENTED, node.location,
                    fmt::format("interp: {} {}; use another backend", node.op->name,
                                node.op->together != nullptr
                                    ? "belongs to a per-device program, and interp runs the whole program at once"
                                    : "has no reference"));
    }
    fail_at(Code::TRACED_VALUE, node.location, "interp: a value of another trace is used");
}

std::vector<HostArray> Interpreter::run(const Graph& graph, std::span<const HostArray> arguments) const {
    expect_arguments(graph, arguments);
    Values values;
    for (std::size_t i = 0; i < arguments.size(); ++i) values[graph.parameters[i].node().get()] = {arguments[i]};
    for (const auto& tensor : orders_.at(&graph)) {
        const Node* const node = tensor.node().get();
        if (!values.contains(node)) values.emplace(node, value_of(*node, values));
    }
    std::vector<HostArray> results;
    for (const auto& result : graph.results) results.push_back(values.at(result.node().get()).front());
    return results;
}

std::vector<std::vector<HostArray>> Interpreter::run_together(std::span<const std::vector<HostArray>> arguments) const {
    std::vector<Values> values(arguments.size());
    for (std::size_t device = 0; device < arguments.size(); ++device) {
        expect_arguments(*graph_, arguments[device]);
        for (std::size_t i = 0; i < graph_->parameters.size(); ++i)
            values[device][graph_->parameters[i].node().get()] = {arguments[device][i]};
    }
    for (const auto& tensor : orders_.at(graph_.get())) {
        const Node& node = *tensor.node();
        if (node.op->together != nullptr) {
            std::vector<std::vector<HostArray>> operands(values.size());
            for (std::size_t device = 0; device < values.size(); ++device)
                for (const auto& operand : node.operands)
                    operands[device].push_back(values[device].at(operand.node().get()).front());
            auto results = node.op->together(node, operands);
            for (std::size_t device = 0; device < values.size(); ++device)
                values[device].emplace(&node, std::move(results[device]));
            continue;
        }
        for (auto& own : values)
            if (!own.contains(&node)) own.emplace(&node, value_of(node, own));
    }
    std::vector<std::vector<HostArray>> results(values.size());
    for (std::size_t device = 0; device < values.size(); ++device)
        for (const auto& result : graph_->results)
            results[device].push_back(values[device].at(result.node().get()).front());
    return results;
}

std::vector<HostArray> interpret(const Graph& graph, std::span<const HostArray> arguments) {
    return Interpreter(graph).run(arguments);
}

}  // namespace podium
