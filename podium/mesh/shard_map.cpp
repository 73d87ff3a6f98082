#include "podium/mesh/shard_map.h"

#include <unordered_set>

#include "podium/ir/ops.h"

namespace podium {
namespace {

/// The mesh of the shard_map that the calling thread is inside; null outside.
thread_local const Mesh* current_mesh = nullptr;

class MeshScope {
public:
    explicit MeshScope(const Mesh& mesh) { current_mesh = &mesh; }
    ~MeshScope() { current_mesh = nullptr; }
    MeshScope(const MeshScope&) = delete;
    MeshScope& operator=(const MeshScope&) = delete;
};

const Mesh& mesh_around(std::string_view op) {
    if (current_mesh == nullptr)
        fail(Code::FAILED_PRECONDITION, "{}: devices exchange inside of shard_map; this is outside", op);
    return *current_mesh;
}

Groups groups_of_axes(std::string_view op, const std::string& axes) {
    return groups_along(mesh_around(op), axes_in(axes));
}

/// Throws where the results need anything but the pieces.
void expect_no_outside(const Tensors& results, const Tensors& pieces) {
    std::unordered_set<const Node*> seen;
    for (const auto& piece : pieces) seen.insert(piece.node().get());
    std::vector<const Node*> next;
    for (const auto& result : results) next.push_back(result.node().get());
    while (!next.empty()) {
        const Node* const node = next.back();
        next.pop_back();
        if (!seen.insert(node).second) continue;
        if (node->op->kind == Kind::PARAMETER || node->op->kind == Kind::EVALUATED)
            fail_at(Code::INVALID_ARGUMENT, node->location,
                    fmt::format("shard_map: the function uses {}{} from outside; give it as an argument with its split",
                                to_string(node->shape), node->label.empty() ? "" : " (" + node->label + ")"));
        for (const auto& operand : node->operands) next.push_back(operand.node().get());
    }
}

}  // namespace

namespace detail {

Tensors shard_map_list(const DeviceFunction& f, const Mesh& mesh, const Tensors& inputs, const std::vector<Split>& ins,
                       const std::function<std::vector<Split>()>& outs, Location location) {
    if (current_mesh != nullptr)
        fail(Code::INVALID_ARGUMENT, "shard_map: one inside of another; name all axes in the outer one");
    Tensors pieces, results;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        pieces.push_back(to_shards(Operand(inputs[i], location), mesh, ins[i]));
    {
        const MeshScope scope(mesh);
        results = f(pieces);
    }
    expect_no_outside(results, pieces);
    const auto splits = outs();
    for (std::size_t i = 0; i < results.size(); ++i)
        results[i] = from_shards(Operand(results[i], location), mesh, splits[i]);
    return results;
}

}  // namespace detail

Tensor psum(const Operand& x, const std::string& axes) { return all_reduce(add, x, groups_of_axes("psum", axes)); }
Tensor pmean(const Operand& x, const std::string& axes) {
    return Operand(psum(x, axes), x.location()).tensor() / static_cast<double>(axis_size(axes));
}
Tensor pmax(const Operand& x, const std::string& axes) { return all_reduce(maximum, x, groups_of_axes("pmax", axes)); }
Tensor pmin(const Operand& x, const std::string& axes) { return all_reduce(minimum, x, groups_of_axes("pmin", axes)); }

Tensor all_gather(const Operand& x, const std::string& axes, std::int64_t dimension) {
    return all_gather(x, dimension, groups_of_axes("all_gather", axes));
}
Tensor psum_scatter(const Operand& x, const std::string& axes, std::int64_t dimension) {
    return reduce_scatter(add, x, dimension, groups_of_axes("psum_scatter", axes));
}
Tensor all_to_all(const Operand& x, const std::string& axes, std::int64_t split, std::int64_t concat) {
    return all_to_all(x, split, concat, groups_of_axes("all_to_all", axes));
}

Tensor ppermute(const Operand& x, const std::string& axes,
                const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
    Groups between;
    for (const auto& group : groups_of_axes("ppermute", axes))
        for (const auto& [source, target] : pairs) {
            const auto size = std::ssize(group);
            if (source < 0 || target < 0 || source >= size || target >= size)
                fail_at(Code::OUT_OF_RANGE, x.location(),
                        fmt::format("ppermute: ({}, {}) is no pair of devices along \"{}\", which has {}", source,
                                    target, axes, size));
            between.push_back({group[static_cast<std::size_t>(source)], group[static_cast<std::size_t>(target)]});
        }
    return collective_permute(x, between);
}

Tensor axis_index(const std::string& axes, Location location) {
    const Mesh& mesh = mesh_around("axis_index");
    const LocationScope scope(location);
    const Tensor device = convert(partition_id(location), DataType::INT32);
    Tensor index = zeros({}, DataType::INT32);
    for (const auto& name : axes_in(axes)) {
        std::int64_t below = mesh.size();
        for (const auto& axis : mesh.axes()) {
            below /= axis.size;
            if (axis.name == name) break;
        }
        const auto size = mesh.axis_size(name);
        const Tensor own = remainder(device / below, size);
        index = index * size + own;
    }
    return index;
}

std::int64_t axis_size(const std::string& axes) {
    std::int64_t size = 1;
    for (const auto& name : axes_in(axes)) size *= mesh_around("axis_size").axis_size(name);
    return size;
}

}  // namespace podium
