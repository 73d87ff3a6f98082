#include "podium/ir/sharding.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "podium/ir/batching.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/together.h"

namespace podium {
namespace {

// The rows' attributes: the sizes of the mesh's axes, then for each dimension the numbers of the axes that split it.

Dims sizes_of(const Mesh& mesh) {
    Dims sizes;
    for (const auto& axis : mesh.axes()) sizes.push_back(axis.size);
    return sizes;
}

std::vector<Dims> attributes_of(const Placement& placement, std::int64_t rank) {
    std::vector<Dims> attributes{sizes_of(placement.mesh)};
    attributes.resize(static_cast<std::size_t>(rank) + 1);
    const auto& axes = placement.mesh.axes();
    for (std::size_t i = 0; i < placement.axes.size(); ++i)
        for (const auto& name : axes_in(placement.axes[i]))
            attributes[i + 1].push_back(
                std::ranges::find_if(axes, [&](const Mesh::Axis& axis) { return axis.name == name; }) - axes.begin());
    return attributes;
}

std::vector<std::string> split_by(const Node& node, const std::vector<Mesh::Axis>& axes) {
    std::vector<std::string> split;
    for (std::size_t i = 1; i < node.attributes.size(); ++i) {
        std::string names;
        for (const auto axis : node.attributes[i])
            names += (names.empty() ? "" : ",") + axes[static_cast<std::size_t>(axis)].name;
        split.push_back(std::move(names));
    }
    return split;
}

/// Returns the node's own placement, on axes that are named by their numbers.
Placement placement_of(const Node& node) {
    std::vector<Mesh::Axis> axes;
    for (const auto size : node.attributes[0]) axes.push_back({std::to_string(axes.size()), size});
    return Placement(Mesh(axes, DeviceSet{DeviceType::INTERP, {}}), split_by(node, axes));
}

/// Returns the axes of a node's mesh that split no dimension, and the number of devices along them.
std::pair<std::vector<std::string>, std::int64_t> unused_axes(const Node& node, const Mesh& mesh) {
    std::vector<std::string> unused;
    std::int64_t devices = 1;
    for (std::size_t axis = 0; axis < mesh.axes().size(); ++axis) {
        const auto uses = [&](const Dims& each) { return contains(each, static_cast<std::int64_t>(axis)); };
        if (std::any_of(node.attributes.begin() + 1, node.attributes.end(), uses) || mesh.axes()[axis].size == 1)
            continue;
        unused.push_back(mesh.axes()[axis].name);
        devices *= mesh.axes()[axis].size;
    }
    return {unused, devices};
}

Tensor record_split(const Op& op, const Operand& x, Dims dims, std::vector<Dims> attributes) {
    return record({.op = op,
                   .shape = Shape(x.tensor().type(), std::move(dims)),
                   .operands = {x.tensor()},
                   .attributes = std::move(attributes),
                   .location = x.location()});
}

/// Returns the placement; throws what it does, naming the op and the caller's line.
Placement checked_placement(std::string_view op, const Operand& x, const Mesh& mesh,
                            const std::vector<std::string>& axes, bool divides) {
    try {
        Placement placement(mesh, axes);
        if (std::ssize(placement.axes) > x.tensor().rank())
            fail(Code::SHAPE_MISMATCH, "{} entries for {}; give at most one a dimension", placement.axes.size(),
                 to_string(x.tensor().shape()));
        if (divides) placement.shard_shape(x.tensor().shape());
        return placement;
    } catch (const Error& error) {
        fail_at(error.code(), x.location(), fmt::format("{}: {}", op, error.message()));
    }
}

Dims whole_dims(const Tensor& x, const Placement& placement) {
    Dims dims = x.dims();
    for (std::size_t i = 0; i < dims.size(); ++i) dims[i] *= placement.parts(i);
    return dims;
}

Tensor to_shards_of(const Node& node, const Tensor& x) {
    const Operand located(x, node.location);
    return record_split(rows::to_shards, located, placement_of(node).shard_shape(x.shape()).dims, node.attributes);
}
Tensor from_shards_of(const Node& node, const Tensor& x) {
    const Operand located(x, node.location);
    return record_split(rows::from_shards, located, whole_dims(x, placement_of(node)), node.attributes);
}

/// The mapped dimension comes first, and nothing splits it.
Tensors map_split(const VmapArguments& v) {
    std::vector<Dims> attributes = v.node.attributes;
    attributes.insert(attributes.begin() + 1, Dims{});
    return {record_split(*v.node.op, Operand(v.operands[0], v.node.location), mapped_shape(v.node.shape, v.size).dims,
                         std::move(attributes))};
}

together::DeviceResults pieces(const Node& node, together::Devices devices) {
    const Placement placement = placement_of(node);
    together::DeviceResults results;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const HostArray& whole = devices[i][0];
        const Dims start = placement.shard_start(whole.shape(), static_cast<std::int64_t>(i));
        results.push_back({move_elements(node.shape, whole, [&](const Dims& index) {
            Dims source(index);
            for (std::size_t k = 0; k < start.size(); ++k) source[k] += start[k];
            return flat_index(source, whole.shape().dims);
        })});
    }
    return results;
}

together::DeviceResults assembled(const Node& node, together::Devices devices) {
    const Placement placement = placement_of(node);
    HostArray whole(node.shape);
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const Dims start = placement.shard_start(node.shape, static_cast<std::int64_t>(i));
        std::int64_t position = 0;
        for_each_index(devices[i][0].shape().dims, [&](const Dims& index) {
            Dims target(index);
            for (std::size_t k = 0; k < start.size(); ++k) target[k] += start[k];
            store(whole, flat_index(target, node.shape.dims), load(devices[i][0], position++));
        });
    }
    return together::DeviceResults(devices.size(), {whole});
}

}  // namespace

namespace rows {

constinit const Op sharding_constraint{
    .name = "sharding_constraint",
    .spec = "Shardy, sdy.sharding_constraint",
    .stablehlo = "sdy.sharding_constraint",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .evaluate = [](const Evaluation& e) -> std::vector<HostArray> { return {e.operands[0]}; },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {record_split(rows::sharding_constraint, Operand(v.cotangent, v.node.location), v.cotangent.dims(),
                             v.node.attributes)};
    },
    .jvp = [](const JvpArguments& j) -> Tensors {
        return {record_split(rows::sharding_constraint, Operand(j.tangents[0], j.node.location), j.node.shape.dims,
                             j.node.attributes)};
    },
    .vmap = map_split};
constinit const Op to_shards{
    .name = "to_shards",
    .spec = "Shardy, sdy.manual_computation, an operand; of a per-device program",
    .stablehlo = "sdy.manual_computation",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together = pieces,
    .vjp = [](const VjpArguments& v) -> Tensors {  // what several devices were given is used by all of them
        const Mesh mesh = placement_of(v.node).mesh;
        const auto [unused, devices] = unused_axes(v.node, mesh);
        Tensor sum = v.cotangent;
        if (devices > 1) sum = podium::all_reduce(add, Operand(sum, v.node.location), groups_along(mesh, unused));
        return {from_shards_of(v.node, sum)};
    },
    .jvp = [](const JvpArguments& j) -> Tensors { return {to_shards_of(j.node, j.tangents[0])}; },
    .vmap = map_split};
constinit const Op from_shards{
    .name = "from_shards",
    .spec = "Shardy, sdy.manual_computation, a result; of a per-device program",
    .stablehlo = "sdy.manual_computation",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together = assembled,
    .vjp = [](const VjpArguments& v) -> Tensors {  // of devices that have the same, each has its share
        const auto [unused, devices] = unused_axes(v.node, placement_of(v.node).mesh);
        const Tensor pieces = to_shards_of(v.node, v.cotangent);
        return {devices == 1 ? pieces : Operand(pieces, v.node.location).tensor() / static_cast<double>(devices)};
    },
    .jvp = [](const JvpArguments& j) -> Tensors { return {from_shards_of(j.node, j.tangents[0])}; },
    .vmap = map_split};

}  // namespace rows

Tensor with_sharding(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes) {
    const Placement placement = checked_placement("with_sharding", x, mesh, axes, true);
    return record_split(rows::sharding_constraint, x, x.tensor().dims(), attributes_of(placement, x.tensor().rank()));
}

Tensor to_shards(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes) {
    const Placement placement = checked_placement("to_shards", x, mesh, axes, true);
    return record_split(rows::to_shards, x, placement.shard_shape(x.tensor().shape()).dims,
                        attributes_of(placement, x.tensor().rank()));
}

Tensor from_shards(const Operand& x, const Mesh& mesh, const std::vector<std::string>& axes) {
    const Placement placement = checked_placement("from_shards", x, mesh, axes, false);
    return record_split(rows::from_shards, x, whole_dims(x.tensor(), placement),
                        attributes_of(placement, x.tensor().rank()));
}

std::vector<std::string> split_of(const Node& node, const Mesh& mesh) {
    const auto devices = std::accumulate(node.attributes[0].begin(), node.attributes[0].end(), std::int64_t{1},
                                         std::multiplies<std::int64_t>());
    if (devices == 1 && mesh.size() == 1) return {};
    if (node.attributes[0] != sizes_of(mesh))
        fail_at(Code::INVALID_ARGUMENT, node.location,
                fmt::format("{}: it is of a mesh with axes of sizes [{}], and the program is for one with [{}]; give "
                            "jit the same mesh",
                            node.op->name, join(node.attributes[0]), join(sizes_of(mesh))));
    return split_by(node, mesh.axes());
}

Groups groups_along(const Mesh& mesh, const std::vector<std::string>& axes) {
    std::int64_t along = 1;
    for (const auto& axis : axes) along *= mesh.axis_size(axis);
    Groups groups(static_cast<std::size_t>(mesh.size() / along), Dims(static_cast<std::size_t>(along)));
    for (std::int64_t device = 0; device < mesh.size(); ++device) {
        std::int64_t below = mesh.size(), group = 0, place = 0;
        Dims places(axes.size());
        for (const auto& axis : mesh.axes()) {
            below /= axis.size;
            const auto coordinate = device / below % axis.size;
            const auto at = std::ranges::find(axes, axis.name) - axes.begin();
            if (at < std::ssize(axes))
                places[static_cast<std::size_t>(at)] = coordinate;
            else
                group = group * axis.size + coordinate;
        }
        for (std::size_t i = 0; i < axes.size(); ++i) place = place * mesh.axis_size(axes[i]) + places[i];
        groups[static_cast<std::size_t>(group)][static_cast<std::size_t>(place)] = device;
    }
    return groups;
}

std::span<const Op* const> sharding_ops() {
    static constexpr std::array ROWS{&rows::sharding_constraint, &rows::to_shards, &rows::from_shards};
    return ROWS;
}

}  // namespace podium
