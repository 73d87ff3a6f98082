#include "podium/ir/batching.h"

#include <algorithm>
#include <mutex>

#include "podium/ir/creation.h"
#include "podium/ir/movement.h"

namespace podium {
namespace {

class BatchWalk {
public:
    explicit BatchWalk(std::int64_t size) : size_(size) {}

    void bind(const Tensor& from, Tensor to, bool mapped) { values_[from.node().get()] = {{std::move(to)}, mapped}; }

    /// Returns the value of `root`, and whether it is mapped.
    std::pair<Tensor, bool> operator()(const Tensor& root) {
        visit(root);
        const Value& value = values_.at(root.node().get());
        return {value.results[0], value.mapped};
    }

    Tensors all_mapped(const Tensors& roots) {
        Tensors results;
        for (const auto& root : roots) {
            auto [value, mapped] = (*this)(root);
            results.push_back(mapped ? std::move(value) : repeated(value, size_));
        }
        return results;
    }

private:
    /// What stands for a node: one tensor, or (mapped, of an op that has several) one a result.
    struct Value {
        Tensors results;
        bool mapped = false;
    };

    void visit(const Tensor& root) {
        if (values_.contains(root.node().get())) return;
        for (const auto& tensor : topological_tensors(std::span(&root, 1)))
            if (!values_.contains(tensor.node().get())) values_[tensor.node().get()] = value_of(tensor);
        kept_.push_back(root);
    }

    Value value_of(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (node.op->kind == Kind::RESULT) {
            const Value& source = values_.at(node.operands[0].node().get());
            if (source.mapped) return {{source.results[static_cast<std::size_t>(node.integer(0))]}, true};
        }
        Tensors operands;
        std::vector<bool> mapped;
        bool any = false, changed = false;
        for (const auto& operand : node.operands) {
            const Value& value = values_.at(operand.node().get());
            operands.push_back(value.results[0]);
            mapped.push_back(value.mapped);
            any = any || value.mapped;
            changed = changed || value.results[0].node() != operand.node();
        }
        if (!any) return {{changed ? with_operands(tensor, std::move(operands)) : tensor}, false};
        const LocationScope scope(node.location, LocationScope::Among::INNERMOST);
        const VmapArguments arguments{node, operands, mapped, size_};
        if (node.op->vmap) return {node.op->vmap.function(arguments), true};
        if (node.op->kind == Kind::ELEMENTWISE) return {map_alike(arguments), true};
        if (node.op->expand != nullptr) return {all_mapped(node.op->expand(node)), true};
        fail_at(Code::UNIMPLEMENTED, node.location,
                fmt::format("vmap: {} cannot be mapped: {}", node.op->name, node.op->vmap.reason));
    }

    std::int64_t size_;
    std::unordered_map<const Node*, Value> values_;
    Tensors kept_;  ///< keys of `values_` must not be reused while it lives
};

}  // namespace

Tensors batched(const Tensors& outputs, const Tensors& inputs, const Tensors& mapped, std::int64_t size) {
    const std::lock_guard lock(recording_mutex());
    BatchWalk walk(size);
    for (std::size_t i = 0; i < inputs.size(); ++i) walk.bind(inputs[i], mapped[i], true);
    return walk.all_mapped(outputs);
}

std::vector<bool> depends_on_mapped(const Graph& graph, const std::vector<bool>& mapped) {
    std::unordered_map<const Node*, bool> marked;
    for (std::size_t i = 0; i < graph.parameters.size(); ++i) marked[graph.parameters[i].node().get()] = mapped[i];
    for (const Node* node : topological(graph.results)) {
        bool& flag = marked[node];
        for (const auto& operand : node->operands) flag = flag || marked[operand.node().get()];
    }
    std::vector<bool> results;
    for (const auto& result : graph.results) results.push_back(marked[result.node().get()]);
    return results;
}

GraphPtr batched_graph(const Graph& graph, const std::vector<bool>& mapped, const std::vector<bool>& wanted,
                       std::int64_t size) {
    const TraceScope scope;
    BatchWalk walk(size);
    auto result = std::make_shared<Graph>();
    result->name = graph.name;
    for (std::size_t i = 0; i < graph.parameters.size(); ++i) {
        const Tensor& parameter = graph.parameters[i];
        result->parameters.push_back(
            scope.parameter(mapped[i] ? mapped_shape(parameter.shape(), size) : parameter.shape(), parameter->label));
        walk.bind(parameter, result->parameters.back(), mapped[i]);
    }
    for (std::size_t i = 0; i < graph.results.size(); ++i) {
        auto [value, is_mapped] = walk(graph.results[i]);
        result->results.push_back(is_mapped || !wanted[i] ? std::move(value) : repeated(value, size));
    }
    return result;
}

Tensor repeated(const Tensor& tensor, std::int64_t size) {
    Dims dimensions(tensor.dims().size());
    for (std::size_t i = 0; i < dimensions.size(); ++i) dimensions[i] = static_cast<std::int64_t>(i) + 1;
    return broadcast_in_dim(tensor, mapped_shape(tensor.shape(), size).dims, std::move(dimensions));
}

Tensor mapped_operand(const VmapArguments& v, std::size_t i) {
    return v.mapped[i] ? v.operands[i] : repeated(v.operands[i], v.size);
}

Shape mapped_shape(const Shape& shape, std::int64_t size) {
    Shape result(shape.type, shape.dims);
    result.dims.insert(result.dims.begin(), size);
    return result;
}

std::vector<Shape> mapped_shapes(const VmapArguments& v) {
    std::vector<Shape> shapes;
    shapes.reserve(v.node.results.size());
    for (const auto& shape : v.node.results) shapes.push_back(mapped_shape(shape, v.size));
    return shapes;
}

Tensor axis_out_of(const Tensor& x, std::int64_t axis, std::int64_t parts) {
    Dims dims = x.dims();
    const auto at = static_cast<std::size_t>(axis);
    dims[at] /= parts;
    dims.insert(dims.begin() + axis, parts);
    return reshape(x, dims);
}

Tensor axis_into(const Tensor& x, std::int64_t source, std::int64_t target) {
    Dims permutation = complement({source}, x.rank());
    permutation.insert(permutation.begin() + target, source);
    const Tensor moved = transpose(x, permutation);
    Dims dims = moved.dims();
    const auto at = static_cast<std::size_t>(target);
    dims[at + 1] *= dims[at];
    dims.erase(dims.begin() + target);
    return reshape(moved, dims);
}

Dims behind_mapped(Dims axes) {
    for (auto& axis : axes) ++axis;
    return axes;
}

Tensors map_alike(const VmapArguments& v) {
    Tensors operands;
    for (std::size_t i = 0; i < v.operands.size(); ++i) operands.push_back(mapped_operand(v, i));
    const Node& node = v.node;
    Recipe recipe{.op = *node.op,
                  .shape = mapped_shape(node.shape, v.size),
                  .operands = std::move(operands),
                  .attributes = node.attributes,
                  .location = node.location,
                  .regions = node.regions,
                  .inner = node.inner,
                  .label = node.label};
    if (node.results.empty()) return {record(std::move(recipe))};
    recipe.shape = {};
    recipe.results = mapped_shapes(v);
    return record_all(std::move(recipe));
}

}  // namespace podium
