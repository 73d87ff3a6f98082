#include "podium/onnx/call.h"

#include "podium/runtime/interp/interp.h"

namespace podium::onnx {
namespace {

/// Returns whether the values of all that the tensor is made of are known, and whether some of it lies on a device.
struct Knowledge {
    bool known = true, evaluated = false;
};
Knowledge knowledge_of(const Tensors& order, const Import& import) {
    Knowledge knowledge;
    for (const auto& tensor : order) {
        if (import.known.contains(tensor.node().get())) continue;
        if (tensor.evaluated())
            knowledge.evaluated = true;
        else if (tensor->op->kind == Kind::PARAMETER)
            knowledge.known = false;
    }
    return knowledge;
}

}  // namespace

Tensor Scope::find(const std::string& name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer) {
        const auto found = scope->tensors.find(name);
        if (found != scope->tensors.end()) return found->second;
    }
    return {};
}

std::int64_t Call::opset() const {
    const auto found = opsets_.find(node_.domain);
    return found == opsets_.end() ? 1 : found->second;
}

void Call::refuse(std::string_view message) const {
    fail(Code::INVALID_DATA, "{}: at byte {}: {} \"{}\": {}", import_.model.file, node_.at, node_.type, node_.name,
         message);
}

const Tensor& Call::in(std::size_t i) const {
    if (!has(i)) refuse(fmt::format("input {} is left out", i));
    return inputs_[i];
}

std::int64_t Call::integer(std::string_view attribute, std::int64_t otherwise) const {
    const auto found = node_.attributes.find(attribute);
    return found == node_.attributes.end() ? otherwise : found->second.integer;
}

double Call::real(std::string_view attribute, double otherwise) const {
    const auto found = node_.attributes.find(attribute);
    return found == node_.attributes.end() ? otherwise : static_cast<double>(found->second.real);
}

std::string Call::text(std::string_view attribute, std::string_view otherwise) const {
    const auto found = node_.attributes.find(attribute);
    return found == node_.attributes.end() ? std::string(otherwise) : found->second.text;
}

Dims Call::integers(std::string_view attribute, const Dims& otherwise) const {
    const auto found = node_.attributes.find(attribute);
    return found == node_.attributes.end() ? otherwise : found->second.integers;
}

std::vector<double> Call::reals(std::string_view attribute) const {
    const auto found = node_.attributes.find(attribute);
    if (found == node_.attributes.end()) return {};
    return {found->second.reals.begin(), found->second.reals.end()};
}

HostArray Call::array(std::string_view attribute) const {
    const auto found = node_.attributes.find(attribute);
    if (found == node_.attributes.end() || !found->second.tensor)
        refuse(fmt::format("attribute {} is no tensor of numbers", attribute));
    return *found->second.tensor;
}

const GraphDefinition& Call::graph(std::string_view attribute) const {
    const auto found = node_.attributes.find(attribute);
    if (found == node_.attributes.end() || found->second.graph == nullptr)
        refuse(fmt::format("attribute {} is no graph", attribute));
    return *found->second.graph;
}

std::optional<HostArray> Call::value_of(const Tensor& tensor) const {
    const auto leaf = import_.known.find(tensor.node().get());
    if (leaf != import_.known.end()) return leaf->second;
    if (tensor->literal != nullptr) return *tensor->literal;
    if (tensor.evaluated()) return tensor.to_host();
    const auto order = topological_tensors(std::span(&tensor, 1));
    const auto [known, evaluated] = knowledge_of(order, import_);
    if (!known) return std::nullopt;
    if (evaluated) return tensor.to_host();
    std::unordered_map<const Node*, Tensor> values;
    for (const auto& each : order) {
        const auto found = import_.known.find(each.node().get());
        if (found != import_.known.end()) values.emplace(each.node().get(), constant(found->second));
    }
    const Graph graph{.results = substitute(std::span(&tensor, 1), values)};
    return interpret(graph, {})[0];
}

HostArray Call::value(std::size_t i) const {
    auto found = value_of(in(i));
    if (!found)
        fail(Code::TRACED_VALUE,
             "{}: {} \"{}\" needs the values of its input {} (\"{}\"), which are not known while a program is made; "
             "make them an initializer, or call run",
             import_.model.file, node_.type, node_.name, i, node_.inputs[i]);
    return *std::move(found);
}

Dims Call::integers(std::size_t i) const { return integers_of(value(i)); }
std::vector<double> Call::reals(std::size_t i) const { return reals_of(value(i)); }

Dims Call::integers(std::size_t i, std::string_view attribute, const Dims& otherwise) const {
    return has(i) ? integers(i) : integers(attribute, otherwise);
}

Tensors Call::run(const GraphDefinition& graph, const Tensors& inputs) const {
    return record_graph(graph, inputs, &scope_, import_, opsets_);
}

std::vector<double> reals_of(const HostArray& array) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < array.count(); ++i) values.push_back(array.as_double(i));
    return values;
}

Dims integers_of(const HostArray& array) {
    if (array.type() == DataType::INT64) {
        const auto values = array.span<std::int64_t>();
        return {values.begin(), values.end()};
    }
    Dims values;
    for (std::int64_t i = 0; i < array.count(); ++i) values.push_back(static_cast<std::int64_t>(array.as_double(i)));
    return values;
}

}  // namespace podium::onnx
