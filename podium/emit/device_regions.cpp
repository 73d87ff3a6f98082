#include "podium/emit/device_regions.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "podium/ir/ops.h"

namespace podium {

const Op DEVICE_REGION{.name = "device_region",
                       .spec = "Shardy, sdy.manual_computation",
                       .stablehlo = "sdy.manual_computation",
                       .kind = Kind::STRUCTURAL,
                       .types = Types::ANY,
                       .attributes = [](const Node& node) { return node.label; }};

namespace {

bool is_boundary(const Node& node) { return node.op == &rows::to_shards || node.op == &rows::from_shards; }

bool has_boundary(const Graph& graph) {
    for (const Node* node : topological(graph.results)) {
        if (is_boundary(*node)) return true;
        for (const auto& region : node->regions)
            if (has_boundary(*region)) return true;
    }
    return false;
}

std::string in_mesh_quotes(const Mesh& mesh) {
    std::string names;
    for (const auto& axis : mesh.axes()) names += (names.empty() ? "" : ", ") + in_quotes(axis.name);
    return names;
}

/// Returns the split of a tensor that has one more dimension in front, with every device's piece.
std::vector<std::string> every_device(const Mesh& mesh) {
    std::string axes;
    for (const auto& axis : mesh.axes()) axes += (axes.empty() ? "" : ",") + axis.name;
    return {axes};
}

Tensor with_front(const Tensor& x) {
    Dims dims = x.dims();
    dims.insert(dims.begin(), 1);
    return reshape(Operand(x, x->location), std::move(dims));
}
Tensor without_front(const Tensor& x) {
    return reshape(Operand(x, x->location), Dims(x.dims().begin() + 1, x.dims().end()));
}

class Grouping {
public:
    Grouping(const Graph& graph, const Mesh& mesh)
        : graph_(graph), mesh_(mesh), order_(topological_tensors(graph.results)) {
        for (const auto& tensor : order_) classify(tensor);
    }

    Graph grouped() {
        for (int turn = 0; turn <= turns_; ++turn) {
            for (const auto& tensor : order_)
                if (const auto& place = places_.at(tensor.node().get()); place.is_whole() && place.turn == turn)
                    outer_.emplace(tensor.node().get(), whole(tensor));
            make_region(turn);
        }
        Graph result = graph_;
        for (auto& root : result.results) {
            if (places_.at(root.node().get()).of == Of::DEVICE)
                fail_at(Code::INVALID_ARGUMENT, root->location,
                        "a device's own piece is a result; from_shards it first");
            root = outside(root);
        }
        return result;
    }

private:
    enum class Of { NOBODY, MESH, DEVICE };  ///< constants are nobody's: each side computes them for itself
    struct Place {
        Of of = Of::NOBODY;
        int turn = 0;  ///< of a device's: its region; of the mesh's: the regions before it
        bool is_whole() const { return of == Of::MESH; }
    };

    void classify(const Tensor& tensor) {
        const Node& node = *tensor.node();
        Place place;
        std::optional<Of> of;
        for (const auto& operand : node.operands) {
            const Place& from = places_.at(operand.node().get());
            place.turn = std::max(place.turn, from.turn);
            if (from.of == Of::NOBODY) continue;
            if (of && *of != from.of)
                fail_at(Code::INVALID_ARGUMENT, node.location,
                        fmt::format("{}: one operand is a device's own piece and another a whole tensor; give whole "
                                    "ones to shard_map as arguments",
                                    node.op->name));
            of = from.of;
        }
        place.of = of.value_or(Of::NOBODY);
        if (node.op == &rows::to_shards) {
            if (place.of == Of::DEVICE) fail_at(Code::INVALID_ARGUMENT, node.location, "to_shards: of a piece already");
            place.of = Of::DEVICE;
            split_of(node, mesh_);
        } else if (node.op == &rows::from_shards) {
            if (place.of == Of::MESH) fail_at(Code::INVALID_ARGUMENT, node.location, "from_shards: of a whole tensor");
            place = {Of::MESH, place.turn + 1};
            split_of(node, mesh_);
        } else if (node.op->kind == Kind::PARAMETER || node.op->kind == Kind::EVALUATED) {
            place.of = Of::MESH;
        } else if (node.op->together != nullptr && place.of == Of::NOBODY) {
            place.of = Of::DEVICE;
        }
        turns_ = std::max(turns_, place.turn);
        places_[&node] = place;
        if (place.of == Of::DEVICE && node.op != &rows::to_shards)
            for (const auto& operand : node.operands) {
                const Place& from = places_.at(operand.node().get());
                if (from.of == Of::DEVICE && from.turn < place.turn && operand->op != &rows::to_shards)
                    crossing_.insert(operand.node().get());
            }
    }

    /// Returns the whole tensor as the new graph has it.
    Tensor outside(const Tensor& tensor) const {
        const auto found = outer_.find(tensor.node().get());
        return found == outer_.end() ? tensor : found->second;  // a constant
    }

    Tensor whole(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (node.op == &rows::from_shards) return region_results_.at(&node);
        if (node.operands.empty()) return tensor;
        Tensors operands;
        for (const auto& operand : node.operands) operands.push_back(outside(operand));
        std::vector<GraphPtr> regions;
        regions.reserve(node.regions.size());
        for (const auto& region : node.regions)
            regions.push_back(std::make_shared<const Graph>(with_device_regions(*region, mesh_)));
        return record({.op = *node.op,
                       .shape = node.shape,
                       .operands = std::move(operands),
                       .attributes = node.attributes,
                       .location = node.location,
                       .regions = std::move(regions),
                       .inner = node.inner,
                       .results = node.results,
                       .label = node.label,
                       .literal = node.literal});
    }

    /// Adds what goes into or out of a region: its split, and its shape outside.
    struct Side {
        std::string splits;
        void add(const std::vector<std::string>& axes, std::int64_t rank) {
            splits += (splits.empty() ? "" : ", ") + split_text(axes, rank);
        }
        std::string text() const { return "#sdy.sharding_per_value<[" + splits + "]>"; }
    };

    void make_region(int turn) {
        std::vector<const Node*> ends, leaving;
        for (const auto& tensor : order_) {
            const Node* node = tensor.node().get();
            if (node->op == &rows::from_shards && places_.at(node).turn == turn + 1) ends.push_back(node);
            if (places_.at(node).of == Of::DEVICE && places_.at(node).turn == turn && crossing_.contains(node))
                leaving.push_back(node);
        }
        if (ends.empty() && leaving.empty()) return;
        const TraceScope scope;
        auto inner = std::make_shared<Graph>();
        inner->name = "device";
        Tensors operands;
        Side in, out;
        std::unordered_map<const Node*, Tensor> values;
        std::vector<Shape> shapes;
        std::unordered_set<const Node*> needed(leaving.begin(), leaving.end());
        for (const Node* node : ends) needed.insert(node->operands[0].node().get());
        for (auto each = order_.rbegin(); each != order_.rend(); ++each)
            if (const Node* node = each->node().get(); needed.contains(node) && !enters(*node, turn))
                for (const auto& operand : node->operands) needed.insert(operand.node().get());
        for (const auto& tensor : order_)
            if (needed.contains(tensor.node().get()))
                values.emplace(tensor.node().get(), piece(tensor, turn, scope, values, *inner, operands, in));
        for (const Node* node : ends) {
            inner->results.push_back(values.at(node->operands[0].node().get()));
            out.add(split_of(*node, mesh_), node->shape.rank());
            shapes.emplace_back(node->shape.type, node->shape.dims);
        }
        for (const Node* node : leaving) {
            const Tensor value = with_front(values.at(node));
            inner->results.push_back(value);
            out.add(every_device(mesh_), value.rank());
            shapes.emplace_back(value.type(), value.dims());
            shapes.back().dims[0] = mesh_.size();
        }
        const auto label = fmt::format("in_shardings = {}, manual_axes = #sdy<manual_axes{{{}}}>, out_shardings = {}",
                                       in.text(), in_mesh_quotes(mesh_), out.text());
        const Tensors results = record_all({.op = DEVICE_REGION,
                                            .operands = std::move(operands),
                                            .location = (ends.empty() ? leaving : ends).front()->location,
                                            .regions = {inner},
                                            .results = std::move(shapes),
                                            .label = label});
        for (std::size_t i = 0; i < ends.size(); ++i) region_results_[ends[i]] = results[i];
        for (std::size_t i = 0; i < leaving.size(); ++i) region_results_[leaving[i]] = results[ends.size() + i];
    }

    /// True for what a region is given from outside: its own pieces, and those of an earlier region.
    bool enters(const Node& node, int turn) const {
        const Place& place = places_.at(&node);
        return node.op == &rows::to_shards || (place.of == Of::DEVICE && place.turn < turn);
    }

    /// Returns the tensor as the region of `turn` has it.
    Tensor piece(const Tensor& tensor, int turn, const TraceScope& scope,
                 std::unordered_map<const Node*, Tensor>& values, Graph& inner, Tensors& operands, Side& in) const {
        const Node& node = *tensor.node();
        const auto enter = [&](const Tensor& from, const std::vector<std::string>& axes, const Shape& local) {
            inner.parameters.push_back(scope.parameter(local));
            operands.push_back(from);
            in.add(axes, from.rank());
            return inner.parameters.back();
        };
        Shape local(node.shape.type, node.shape.dims);
        if (node.op == &rows::to_shards) return enter(outside(node.operands[0]), split_of(node, mesh_), local);
        if (enters(node, turn)) {
            local.dims.insert(local.dims.begin(), 1);
            return without_front(enter(region_results_.at(&node), every_device(mesh_), local));
        }
        Tensors own;
        for (const auto& operand : node.operands) own.push_back(values.at(operand.node().get()));
        return with_operands(tensor, std::move(own));
    }

    const Graph& graph_;
    const Mesh& mesh_;
    Tensors order_;
    int turns_ = 0;
    std::unordered_map<const Node*, Place> places_;
    std::unordered_set<const Node*> crossing_;  ///< pieces that a later region needs
    std::unordered_map<const Node*, Tensor> outer_, region_results_;
};

}  // namespace

std::string split_text(const std::vector<std::string>& axes, std::int64_t rank) {
    std::string text;
    for (std::int64_t i = 0; i < rank; ++i) {
        const auto at = static_cast<std::size_t>(i);
        std::string names;
        if (at < axes.size())
            for (const auto& axis : axes_in(axes[at])) names += (names.empty() ? "" : ", ") + in_quotes(axis);
        text += fmt::format("{}{{{}}}", i == 0 ? "" : ", ", names);
    }
    return fmt::format("<@mesh, [{}]>", text);
}

Graph with_device_regions(const Graph& graph, const Mesh& mesh) {
    if (!has_boundary(graph)) return graph;
    const TraceScope scope;
    return Grouping(graph, mesh).grouped();
}

}  // namespace podium
