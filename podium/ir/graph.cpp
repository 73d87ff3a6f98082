#include "podium/ir/graph.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "podium/ir/creation.h"
#include "podium/ir/movement.h"
#include "podium/ir/op.h"

namespace podium {
namespace {

thread_local int depth_of_thread = 0;
thread_local std::int64_t trace_of_thread = 0;
std::atomic<std::int64_t> traces{0};
thread_local int inline_depth = 0;
thread_local std::vector<const Node*> variables_of_thread;

/// Copies single nodes with other operands, each once.
class Copier {
public:
    explicit Copier(std::unordered_map<const Node*, Tensor> known) : known_(std::move(known)) {}

    bool knows(const Node* node) const { return known_.contains(node); }
    void bind(const Node* node, Tensor value) { known_.insert_or_assign(node, std::move(value)); }
    Tensor operator()(const Tensor& tensor) const { return known_.at(tensor.node().get()); }
    /// Binds a copy of `node`, whose operands are known; keeps `tensor` itself where no operand changed.
    void copy(const Tensor& tensor) {
        const Node& node = *tensor.node();
        bool changed = false;
        Tensors operands;
        operands.reserve(node.operands.size());
        for (const auto& operand : node.operands) {
            operands.push_back((*this)(operand));
            changed = changed || operands.back().node() != operand.node();
        }
        bind(&node, changed ? with_operands(tensor, std::move(operands)) : tensor);
    }
    /// Binds a node of its own: evaluating `tensor` later leaves it as it is.
    void copy_apart(const Tensor& tensor) {
        Tensors operands;
        for (const auto& operand : tensor->operands) operands.push_back((*this)(operand));
        bind(tensor.node().get(), with_operands(tensor, std::move(operands)));
    }

private:
    std::unordered_map<const Node*, Tensor> known_;
};

/// Visits the tensors that `roots` need, operands first; `enter` says whether to go below a node.
template <class Enter>
Tensors walk(std::span<const Tensor> roots, Enter enter) {
    Tensors order;
    std::unordered_set<const Node*> seen;
    std::vector<std::pair<Tensor, std::size_t>> stack;
    for (const auto& root : roots) {
        if (!seen.insert(root.node().get()).second) continue;
        stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [tensor, next] = stack.back();
            const auto& operands = tensor->operands;
            if (next < operands.size() && enter(*tensor.node())) {
                const Tensor& operand = operands[next++];
                if (seen.insert(operand.node().get()).second) stack.emplace_back(operand, 0);
            } else {
                order.push_back(std::move(tensor));
                stack.pop_back();
            }
        }
    }
    return order;
}

bool is_cheap_constant(const Node& node) {
    if (node.op->kind == Kind::CONSTANT || (node.operands.empty() && node.op->kind == Kind::STRUCTURAL)) return true;
    return node.operands.size() == 1 && node.op == &rows::broadcast_in_dim &&
           is_cheap_constant(*node.operands[0].node());
}

}  // namespace

std::string to_string(const Location& location) { return fmt::format("{}:{}", location.file, location.line); }

const Shape& Tensor::shape() const {
    if (node_ == nullptr)
        fail(Code::INVALID_ARGUMENT, "tensor: this handle holds no tensor; assign one before using it");
    return node_->shape;
}

std::int64_t Tensor::dim(std::int64_t axis) const {
    return dims()[static_cast<std::size_t>(normalize_axis("dim", axis, rank(), {}))];
}

bool Tensor::evaluated() const { return node_ != nullptr && node_->ready.load(std::memory_order_acquire); }

Node::~Node() {
    // Long chains would overflow the stack if each node destroyed the next: the outermost call empties a list instead.
    thread_local std::vector<Tensors>* pending = nullptr;
    if (operands.empty()) return;
    if (pending != nullptr) {
        pending->push_back(std::move(operands));
        return;
    }
    std::vector<Tensors> list;
    pending = &list;
    list.push_back(std::move(operands));
    while (!list.empty()) {
        const Tensors dying = std::move(list.back());
        list.pop_back();
    }
    pending = nullptr;
}

std::vector<Node*> topological(std::span<const Tensor> roots) {
    std::vector<Node*> order;
    for (const auto& tensor : topological_tensors(roots)) order.push_back(tensor.node().get());
    return order;
}

Tensors topological_tensors(std::span<const Tensor> roots) {
    return walk(roots, [](const Node&) { return true; });
}

std::recursive_mutex& recording_mutex() {
    static std::recursive_mutex mutex;
    return mutex;
}

int trace_level() { return depth_of_thread; }

std::int64_t current_trace() { return trace_of_thread; }

TraceScope::TraceScope() : level_(++traces), outer_(std::exchange(trace_of_thread, level_)) { ++depth_of_thread; }
TraceScope::~TraceScope() {
    --depth_of_thread;
    trace_of_thread = outer_;
}

InlineScope::InlineScope(const Tensors& variables) : outer_(variables_of_thread.size()) {
    ++inline_depth;
    for (const auto& variable : variables) variables_of_thread.push_back(variable.node().get());
}
InlineScope::~InlineScope() {
    --inline_depth;
    variables_of_thread.resize(outer_);
}
std::span<const Node* const> open_variables() { return variables_of_thread; }
bool inlining() { return depth_of_thread > 0 || inline_depth > 0; }

Tensor TraceScope::parameter(const Shape& shape, std::string label) const {
    Tensor tensor = record({.op = rows::parameter, .shape = shape, .operands = {}, .label = std::move(label)});
    tensor->level = level_;
    return tensor;
}

Closed close(std::span<const Tensor> parameters, std::span<const Tensor> results, std::int64_t level) {
    for (const auto& result : results) result.shape();  // an empty handle throws
    const std::lock_guard lock(recording_mutex());
    const bool outermost = trace_level() <= 1;
    Closed closed{std::make_shared<Graph>(), {}};
    const TraceScope scope;
    Copier copier({});
    for (const auto& parameter : parameters) {
        const Tensor fresh = scope.parameter(parameter.shape(), parameter->label);
        closed.graph->parameters.push_back(fresh);
        copier.bind(parameter.node().get(), fresh);
    }
    const auto inside = [&](const Node& node) { return node.level >= level || is_cheap_constant(node); };
    for (const auto& tensor : walk(results, inside)) {
        if (copier.knows(tensor.node().get())) continue;
        if (inside(*tensor.node())) {
            if (tensor->op->kind == Kind::PARAMETER)
                fail_at(Code::TRACED_VALUE, tensor->location,
                        "a value of a finished trace is used in another; return it from the function instead");
            if (tensor->op->kind == Kind::EVALUATED)
                copier.bind(tensor.node().get(), tensor);
            else
                copier.copy_apart(tensor);
        } else {
            if (outermost && tensor->level > 0)
                fail_at(Code::TRACED_VALUE, tensor->location,
                        "a value of a finished trace is used in another; return it from the function instead");
            const Tensor fresh = scope.parameter(tensor.shape());
            closed.graph->parameters.push_back(fresh);
            closed.captures.push_back(tensor);
            copier.bind(tensor.node().get(), fresh);
        }
    }
    for (const auto& result : results) closed.graph->results.push_back(copier(result));
    return closed;
}

Tensor with_operands(const Tensor& tensor, Tensors operands) {
    const Node& node = *tensor.node();
    Tensor made = record({.op = *node.op,
                          .shape = node.shape,
                          .operands = std::move(operands),
                          .attributes = node.attributes,
                          .location = node.location,
                          .regions = node.regions,
                          .inner = node.inner,
                          .results = node.results,
                          .label = node.label,
                          .literal = node.literal});
    made->location = node.location;  // whoever copies it
    return made;
}

Tensors inline_graph(const Graph& graph, std::span<const Tensor> arguments) {
    std::unordered_map<const Node*, Tensor> replace;
    for (std::size_t i = 0; i < graph.parameters.size(); ++i)
        replace.emplace(graph.parameters[i].node().get(), arguments[i]);
    return substitute(graph.results, replace);
}

Tensors substitute(std::span<const Tensor> roots, const std::unordered_map<const Node*, Tensor>& replace) {
    const std::lock_guard lock(recording_mutex());
    Copier copier(replace);
    for (const auto& tensor : walk(roots, [&](const Node& node) { return !replace.contains(&node); }))
        if (!copier.knows(tensor.node().get())) copier.copy(tensor);
    Tensors results;
    for (const auto& root : roots) results.push_back(copier(root));
    return results;
}

}  // namespace podium
