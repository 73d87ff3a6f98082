#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "podium/ir/ops.h"
#include "podium/onnx/definition.h"

namespace podium::onnx {

/// The tensors of a graph by name; a graph inside of another sees those outside.
struct Scope {
    const Scope* outer = nullptr;
    std::unordered_map<std::string, Tensor> tensors;

    /// Returns the tensor of that name, or nothing defined.
    Tensor find(const std::string& name) const;
};

/// What all nodes of one import share.
struct Import {
    const ModelDefinition& model;
    std::unordered_map<const Node*, HostArray> known;  ///< what leaves hold where shapes depend on their values
    std::int64_t calls = 0;                            ///< nodes recorded so far: what random numbers differ by
};

/// One node of a graph, as the row of its type sees it. Messages begin with the node's type and place in the file.
class Call {
public:
    Call(const NodeDefinition& node, Tensors inputs, const Scope& scope, Import& import, const OpsetVersions& opsets)
        : node_(node), inputs_(std::move(inputs)), scope_(scope), import_(import), opsets_(opsets) {}

    const NodeDefinition& node() const { return node_; }
    /// Returns the version of the domain's set of operations.
    std::int64_t opset() const;
    Import& import() const { return import_; }
    /// Throws INVALID_DATA.
    [[noreturn]] void refuse(std::string_view message) const;

    /// Returns how many inputs there are, with those left out.
    std::size_t count() const { return inputs_.size(); }
    const Tensors& inputs() const { return inputs_; }
    bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i].defined(); }
    /// Returns input `i`; throws where it is left out.
    const Tensor& in(std::size_t i) const;
    /// Returns input `i`, or a tensor that is not defined.
    Tensor optional(std::size_t i) const { return has(i) ? inputs_[i] : Tensor(); }
    /// True where somebody wants output `i`.
    bool gives(std::size_t i) const { return i < node_.outputs.size() && !node_.outputs[i].empty(); }

    bool has(std::string_view attribute) const { return node_.attributes.contains(attribute); }
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
    bool flag(std::string_view attribute, bool otherwise = false) const { return integer(attribute, otherwise) != 0; }
    double real(std::string_view attribute, double otherwise) const;
    std::string text(std::string_view attribute, std::string_view otherwise) const;
    Dims integers(std::string_view attribute, const Dims& otherwise = {}) const;
    std::vector<double> reals(std::string_view attribute) const;
    HostArray array(std::string_view attribute) const;
    const GraphDefinition& graph(std::string_view attribute) const;

    /// Returns the values of a tensor that shapes depend on, or nothing where they cannot be known while recording.
    std::optional<HostArray> value_of(const Tensor& tensor) const;
    /// Returns the values of input `i`; throws TRACED_VALUE where they are not known.
    HostArray value(std::size_t i) const;
    /// Returns the same as integers, of any shape.
    Dims integers(std::size_t i) const;
    std::vector<double> reals(std::size_t i) const;
    /// Returns the integers of an input, or else of the attribute that older versions have instead.
    Dims integers(std::size_t i, std::string_view attribute, const Dims& otherwise = {}) const;

    /// Returns the results of a graph among the attributes, which sees this node's surroundings.
    Tensors run(const GraphDefinition& graph, const Tensors& inputs) const;

private:
    const NodeDefinition& node_;
    Tensors inputs_;
    const Scope& scope_;
    Import& import_;
    const OpsetVersions& opsets_;
};

/// All that is known of one type of nodes since a version of its domain's set.
struct NodeRow {
    std::string_view domain, type;
    std::int64_t since;
    Tensors (*make)(const Call&);
};

/// Records the nodes into the scope, one after another.
void record_nodes(const std::vector<NodeDefinition>& nodes, Scope& scope, Import& import, const OpsetVersions& opsets);
/// Returns the graph's results for those inputs.
Tensors record_graph(const GraphDefinition& graph, const Tensors& inputs, const Scope* outer, Import& import,
                     const OpsetVersions& opsets);

/// Returns the elements as doubles, or as integers.
std::vector<double> reals_of(const HostArray& array);
Dims integers_of(const HostArray& array);

}  // namespace podium::onnx
