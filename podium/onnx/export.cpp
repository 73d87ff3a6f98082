#include "podium/onnx/export.h"

#include "podium/base/file.h"
#include "podium/onnx/model_writer.h"
#include "podium/runtime/interp/interp.h"

namespace podium::onnx {
namespace {

/// Writes the nodes behind tensors, each once.
class Export {
public:
    explicit Export(ModelWriter& writer) : writer_(writer) {}

    void bind(const Tensor& tensor, const std::string& name) { names_[{tensor.node().get(), 0}] = name; }

    std::string name_of(const Tensor& root) {
        for (const auto& tensor : topological_tensors(std::span(&root, 1))) visit(tensor);
        return names_.at({root.node().get(), 0});
    }

private:
    using Key = std::pair<const Node*, std::size_t>;  ///< a node, and which of its results
    struct KeyHash {
        std::size_t operator()(const Key& key) const { return std::hash<const Node*>()(key.first) + key.second; }
    };

    void visit(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (names_.contains({&node, 0})) return;
        if (tensor.evaluated()) {
            names_[{&node, 0}] = writer_.tensor(tensor.to_host());
        } else if (node.op->kind == Kind::RESULT) {
            names_[{&node, 0}] = names_.at({node.operands[0].node().get(), static_cast<std::size_t>(node.integer(0))});
        } else if (node.operands.empty() && node.op->kind != Kind::PARAMETER && node.op->expand == nullptr) {
            const Graph graph{.results = {tensor}};
            names_[{&node, 0}] = writer_.tensor(interpret(graph, {})[0]);
        } else if (can_write(node)) {
            std::vector<std::string> operands;
            for (const auto& operand : node.operands) operands.push_back(names_.at({operand.node().get(), 0}));
            names_[{&node, 0}] = write_node(writer_, node, operands);
        } else if (node.op->expand != nullptr) {
            const Tensors parts = node.op->expand(node);
            kept_.insert(kept_.end(), parts.begin(), parts.end());
            for (std::size_t i = 0; i < parts.size(); ++i) names_[{&node, i}] = name_of(parts[i]);
        } else {
            fail_at(Code::UNIMPLEMENTED, node.location,
                    fmt::format("onnx: {} of {} has no counterpart among ONNX's operations that is written here; use "
                                "another operation, or leave it out of what is exported",
                                node.op->name, to_string(node.shape)));
        }
    }

    ModelWriter& writer_;
    std::unordered_map<Key, std::string, KeyHash> names_;
    Tensors kept_;  ///< keeps nodes alive whose addresses are keys
};

/// Records a parameter of the trace for each leaf.
Tree traced(const TraceScope& scope, const Tree& tree) {
    return tree.map([&](const Tensor& leaf) { return scope.parameter(leaf.shape()); });
}

}  // namespace

std::string model_bytes(const TreeFunction& f, const Tree& parameters, const Tree& inputs) {
    const TraceScope scope;
    const Tree weights = traced(scope, parameters), fed = traced(scope, inputs);
    const Tree outputs = f(weights, fed);
    ModelWriter writer;
    for (const auto* tree : {&weights, &fed, &outputs})
        for (const auto& name : tree->paths()->names()) writer.reserve(name);
    Export nodes(writer);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (fed.contains(weights.path(i)))
            fail(Code::INVALID_ARGUMENT, "onnx: a parameter and an input have the name \"{}\"", weights.path(i));
        writer.initializer(weights.path(i), parameters.leaves()[i].to_host());
        nodes.bind(weights.leaves()[i], weights.path(i));
    }
    for (std::size_t i = 0; i < fed.size(); ++i) {
        writer.input(fed.path(i), fed.leaves()[i].shape());
        nodes.bind(fed.leaves()[i], fed.path(i));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (fed.contains(outputs.path(i)) || weights.contains(outputs.path(i)))
            fail(Code::INVALID_ARGUMENT, "onnx: an output has the name \"{}\" of another value", outputs.path(i));
        writer.output(outputs.path(i), nodes.name_of(outputs.leaves()[i]), outputs.leaves()[i].shape());
    }
    return writer.bytes();
}

void save(const std::filesystem::path& file, const TreeFunction& f, const Tree& parameters, const Tree& inputs) {
    write_atomically(file, model_bytes(f, parameters, inputs));
}

}  // namespace podium::onnx
