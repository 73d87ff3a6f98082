#include <algorithm>

#include "podium/onnx/call.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

constexpr int CALL_DEPTH_LIMIT = 64;

/// How deep functions call each other; a file may make them call themselves.
thread_local int call_depth = 0;

class DepthScope {
public:
    DepthScope() { ++call_depth; }
    ~DepthScope() { --call_depth; }
    DepthScope(const DepthScope&) = delete;
    DepthScope& operator=(const DepthScope&) = delete;
};

const FunctionDefinition* find_function(const ModelDefinition& model, const NodeDefinition& node) {
    const auto found = std::ranges::find_if(model.functions, [&](const FunctionDefinition& function) {
        return function.name == node.type && function.domain == node.domain && function.overload == node.overload;
    });
    return found == model.functions.end() ? nullptr : &*found;
}

/// Puts the caller's attributes in the place of references to them, in graphs inside too.
class Binding {
public:
    Binding(const FunctionDefinition& function, const NodeDefinition& caller) : function_(function), caller_(caller) {}

    std::vector<NodeDefinition> bound(std::vector<NodeDefinition> nodes) const {
        for (auto& node : nodes) {
            std::map<std::string, Attribute, std::less<>> attributes;
            for (auto& [name, attribute] : node.attributes)
                if (auto value = bound(attribute)) attributes.emplace(name, *std::move(value));
            node.attributes = std::move(attributes);
        }
        return nodes;
    }

private:
    std::optional<Attribute> bound(const Attribute& attribute) const {
        if (!attribute.reference.empty()) {
            const auto given = caller_.attributes.find(attribute.reference);
            if (given != caller_.attributes.end()) return given->second;
            const auto usual = function_.defaults.find(attribute.reference);
            if (usual != function_.defaults.end()) return usual->second;
            return std::nullopt;
        }
        Attribute copy = attribute;
        if (copy.graph != nullptr) {
            GraphDefinition graph = *copy.graph;
            graph.nodes = bound(std::move(graph.nodes));
            copy.graph = std::make_shared<const GraphDefinition>(std::move(graph));
        }
        return copy;
    }

    const FunctionDefinition& function_;
    const NodeDefinition& caller_;
};

Tensors call_function(const FunctionDefinition& function, const NodeDefinition& node, const Tensors& inputs,
                      Import& import) {
    Scope scope;
    for (std::size_t i = 0; i < function.inputs.size(); ++i)
        if (i < inputs.size() && inputs[i].defined()) scope.tensors[function.inputs[i]] = inputs[i];
    record_nodes(Binding(function, node).bound(function.nodes), scope, import, function.opsets);
    Tensors results;
    for (const auto& name : function.outputs) results.push_back(scope.find(name));
    return results;
}

Tensors results_of(const NodeDefinition& node, const Tensors& inputs, const Scope& scope, Import& import,
                   const OpsetVersions& opsets) {
    const DepthScope depth;
    const Call call(node, inputs, scope, import, opsets);
    if (call_depth > CALL_DEPTH_LIMIT) call.refuse("functions call each other too deep");
    if (const auto* function = find_function(import.model, node)) return call_function(*function, node, inputs, import);
    const auto* row = find_row(node.domain, node.type, call.opset());
    if (row == nullptr)
        fail(Code::UNIMPLEMENTED, "{}: at byte {}: there is no row for {} \"{}\" of domain \"{}\", version {}",
             import.model.file, node.at, node.type, node.name, node.domain, call.opset());
    ++import.calls;
    try {
        return row->make(call);
    } catch (const Error& error) {
        if (error.message().starts_with(import.model.file)) throw;
        raise(error.code(),
              fmt::format("{}: at byte {}: {} \"{}\": {}", import.model.file, node.at, node.type, node.name,
                          error.message()),
              error.context());
    }
}

}  // namespace

void record_nodes(const std::vector<NodeDefinition>& nodes, Scope& scope, Import& import, const OpsetVersions& opsets) {
    for (const auto& node : nodes) {
        Tensors inputs;
        for (const auto& name : node.inputs) {
            inputs.push_back(name.empty() ? Tensor() : scope.find(name));
            if (!name.empty() && !inputs.back().defined())
                Call(node, {}, scope, import, opsets)
                    .refuse(fmt::format("its input \"{}\" is the result of nothing before it", name));
        }
        const Tensors results = results_of(node, inputs, scope, import, opsets);
        for (std::size_t i = 0; i < node.outputs.size() && i < results.size(); ++i)
            if (!node.outputs[i].empty()) scope.tensors[node.outputs[i]] = results[i];
    }
}

Tensors record_graph(const GraphDefinition& graph, const Tensors& inputs, const Scope* outer, Import& import,
                     const OpsetVersions& opsets) {
    Scope scope{.outer = outer};
    for (const auto& [name, array] : graph.initializers) scope.tensors[name] = constant(array);
    for (std::size_t i = 0; i < graph.inputs.size() && i < inputs.size(); ++i)
        scope.tensors[graph.inputs[i].name] = inputs[i];
    record_nodes(graph.nodes, scope, import, opsets);
    Tensors results;
    for (const auto& output : graph.outputs) {
        results.push_back(scope.find(output.name));
        if (!results.back().defined())
            fail(Code::INVALID_DATA, "{}: graph \"{}\": nothing gives its output \"{}\"", import.model.file, graph.name,
                 output.name);
    }
    return results;
}

}  // namespace podium::onnx
