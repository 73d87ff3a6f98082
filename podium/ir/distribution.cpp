#include "podium/ir/distribution.h"

#include <algorithm>

#include "podium/ir/batching.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/expansion.h"
#include "podium/ir/movement.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "podium/ir/slicing.h"
#include "podium/ir/together.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

std::string groups_text(std::string_view name, const Groups& groups) {
    std::string lists;
    for (const auto& group : groups) lists += (lists.empty() ? "[" : ", [") + join(group, ", ") + "]";
    return fmt::format("{} = dense<[{}]> : tensor<{}x{}xi64>", name, lists, groups.size(), groups[0].size());
}

std::string replica_groups_text(const Node& node) { return groups_text("replica_groups", groups_of(node)); }

Groups turned(const Groups& pairs) {
    Groups back;
    for (const auto& pair : pairs) back.push_back({pair[1], pair[0]});
    return back;
}

/// Throws unless the groups are of one size and name each device at most once.
void expect_groups(std::string_view op, const Groups& groups, const Location& location) {
    if (groups.empty() || groups[0].empty())
        fail_at(Code::INVALID_ARGUMENT, location, fmt::format("{}: no replica groups were given", op));
    Dims all;
    for (const auto& group : groups) {
        if (group.size() != groups[0].size())
            fail_at(Code::INVALID_ARGUMENT, location,
                    fmt::format("{}: groups [{}] and [{}] are not of one size", op, join(groups[0]), join(group)));
        all.insert(all.end(), group.begin(), group.end());
    }
    std::sort(all.begin(), all.end());
    if (all.front() < 0 || std::adjacent_find(all.begin(), all.end()) != all.end())
        fail_at(Code::INVALID_ARGUMENT, location, fmt::format("{}: a device is in two groups, or negative", op));
}

Tensor record_collective(const Op& op, const Tensor& x, Dims dims, const Groups& groups, Dims settings,
                         const Location& location, const Binary* combiner = nullptr) {
    std::vector<Dims> attributes = groups;
    attributes.push_back(std::move(settings));
    return record({.op = op,
                   .shape = Shape(x.type(), std::move(dims)),
                   .operands = {x},
                   .attributes = std::move(attributes),
                   .location = location,
                   .inner = combiner});
}

/// The dimension `axis` of `x` times or divided by the size of a group.
Dims scaled(std::string_view op, const Tensor& x, std::int64_t axis, std::int64_t by, bool divides,
            const Location& location) {
    Dims dims = x.dims();
    auto& size = dims[static_cast<std::size_t>(axis)];
    if (divides && size % by != 0)
        fail_at(
            Code::SHAPE_MISMATCH, location,
            fmt::format("{}: dimension {} of {} does not split among {} devices", op, axis, to_string(x.shape()), by));
    size = divides ? size / by : size * by;
    return dims;
}

Tensors sum_only(const VjpArguments& v, Tensor (*back)(const VjpArguments&)) {
    if (v.node.inner != nullptr && v.node.inner != &add)
        fail_at(Code::UNIMPLEMENTED, v.node.location, fmt::format("{}: only the sum has a gradient", v.node.op->name));
    return {back(v)};
}

const Binary& combiner_of(const Node& node) { return static_cast<const Binary&>(*node.inner); }

constexpr const char* ALONE = "the number of a device has no derivative";

}  // namespace

namespace rows {

constinit const Op all_reduce{.name = "all_reduce",
                              .spec = "StableHLO specification, all_reduce, one input; of a per-device program",
                              .stablehlo = "stablehlo.all_reduce",
                              .kind = Kind::STRUCTURAL,
                              .types = Types::ANY,
                              .together =
                                  [](const Node& node, together::Devices devices) {
                                      return together::in_groups(node, devices, [&](const Dims& group, std::size_t) {
                                          return together::combined(node, devices, group);
                                      });
                                  },
                              .attributes = replica_groups_text,
                              .vjp =
                                  [](const VjpArguments& v) {
                                      return sum_only(v, [](const VjpArguments& u) {
                                          return podium::all_reduce(add, u.cotangent, groups_of(u.node));
                                      });
                                  },
                              .vmap = map_alike};
constinit const Op all_gather{
    .name = "all_gather",
    .spec = "StableHLO specification, all_gather, one input; of a per-device program",
    .stablehlo = "stablehlo.all_gather",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together = together::all_gather,
    .attributes =
        [](const Node& n) {
            return integer_attribute("all_gather_dim", settings_of(n)[0]) + ", " + replica_groups_text(n);
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::reduce_scatter(add, v.cotangent, settings_of(v.node)[0], groups_of(v.node))};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {podium::all_gather(v.operands[0], settings_of(v.node)[0] + 1, groups_of(v.node))};
    }};
constinit const Op reduce_scatter{
    .name = "reduce_scatter",
    .spec = "StableHLO specification, reduce_scatter; of a per-device program",
    .stablehlo = "stablehlo.reduce_scatter",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together =
        [](const Node& node, together::Devices devices) {
            const auto axis = settings_of(node)[0];
            return together::in_groups(node, devices, [&](const Dims& group, std::size_t place) {
                const auto size = node.shape.dims[static_cast<std::size_t>(axis)];
                return together::piece(together::combined(node, devices, group), axis,
                                       static_cast<std::int64_t>(place) * size, node.shape.dims);
            });
        },
    .attributes =
        [](const Node& n) {
            return integer_attribute("scatter_dimension", settings_of(n)[0]) + ", " + replica_groups_text(n);
        },
    .vjp =
        [](const VjpArguments& v) {
            return sum_only(v, [](const VjpArguments& u) {
                return podium::all_gather(u.cotangent, settings_of(u.node)[0], groups_of(u.node));
            });
        },
    .vmap = [](const VmapArguments& v) -> Tensors {
        return {
            podium::reduce_scatter(combiner_of(v.node), v.operands[0], settings_of(v.node)[0] + 1, groups_of(v.node))};
    }};
constinit const Op all_to_all{
    .name = "all_to_all",
    .spec = "StableHLO specification, all_to_all, one input; of a per-device program",
    .stablehlo = "stablehlo.all_to_all",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together = together::all_to_all,
    .attributes =
        [](const Node& n) {
            const Dims& axes = settings_of(n);
            return fmt::format("{}, {}, {}, {}", integer_attribute("split_dimension", axes[0]),
                               integer_attribute("concat_dimension", axes[1]),
                               integer_attribute("split_count", static_cast<std::int64_t>(n.attributes[0].size())),
                               replica_groups_text(n));
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        const Dims& axes = settings_of(v.node);
        return {podium::all_to_all(v.cotangent, axes[1], axes[0], groups_of(v.node))};
    },
    .vmap = [](const VmapArguments& v) -> Tensors {
        const Dims& axes = settings_of(v.node);
        return {podium::all_to_all(v.operands[0], axes[0] + 1, axes[1] + 1, groups_of(v.node))};
    }};
constinit const Op collective_broadcast{
    .name = "collective_broadcast",
    .spec = "StableHLO specification, collective_broadcast; of a per-device program",
    .stablehlo = "stablehlo.collective_broadcast",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together =
        [](const Node& node, together::Devices devices) {
            return together::in_groups(
                node, devices, [&](const Dims& group, std::size_t) { return together::on_device(devices, group[0]); });
        },
    .attributes = replica_groups_text,
    .expand = [](const Node& node) -> Tensors {
        const Tensor &x = node.operands[0], own = podium::replica_id(node.location);
        const Groups groups = groups_of(node);
        Tensor result = zeros_like(x);
        for (std::size_t place = 0; place < groups[0].size(); ++place) {  // from the first to each in turn
            Groups pairs;
            Tensor is_here = zeros({}, DataType::BOOL);
            for (const auto& group : groups) {
                pairs.push_back({group[0], group[place]});
                is_here = is_here | equal(own, group[place]);
            }
            result = select(is_here, place == 0 ? x : podium::collective_permute(x, pairs), result);
        }
        return {result};
    },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::collective_reduce(add, v.cotangent, groups_of(v.node))};
    },
    .vmap = map_alike};
constinit const Op collective_permute{
    .name = "collective_permute",
    .spec = "StableHLO specification, collective_permute, one input; of a per-device program",
    .stablehlo = "stablehlo.collective_permute",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together = together::permute,
    .attributes = [](const Node& n) { return groups_text("source_target_pairs", groups_of(n)); },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::collective_permute(v.cotangent, turned(groups_of(v.node)))};
    },
    .vmap = map_alike};
constinit const Op collective_reduce{
    .name = "collective_reduce",
    .spec = "StableHLO specification, collective_reduce, of a fixed root; of a per-device program",
    .stablehlo = "stablehlo.collective_reduce",
    .kind = Kind::STRUCTURAL,
    .types = Types::ANY,
    .together =
        [](const Node& node, together::Devices devices) {
            return together::in_groups(node, devices, [&](const Dims& group, std::size_t place) {
                return place == 0 ? together::combined(node, devices, group) : HostArray(node.shape);
            });
        },
    .attributes = replica_groups_text,
    .expand = [](const Node& node) -> Tensors {
        const Tensor& x = node.operands[0];
        const Tensor own = podium::replica_id(node.location);
        Tensor is_first = zeros({}, DataType::BOOL);
        for (const auto& group : groups_of(node)) is_first = is_first | equal(own, group[0]);
        return {select(is_first, podium::all_reduce(combiner_of(node), x, groups_of(node)), zeros_like(x))};
    },
    .vjp =
        [](const VjpArguments& v) {
            return sum_only(
                v, [](const VjpArguments& u) { return podium::collective_broadcast(u.cotangent, groups_of(u.node)); });
        },
    .vmap = map_alike};
constinit const Op partition_id{.name = "partition_id",
                                .spec = "StableHLO specification, partition_id",
                                .stablehlo = "stablehlo.partition_id",
                                .kind = Kind::STRUCTURAL,
                                .types = Types::NONE,
                                .together =
                                    [](const Node& node, together::Devices devices) {
                                        return together::number(node, devices, false);  // programs of replicas have one
                                    },
                                .vjp = ALONE};
constinit const Op replica_id{
    .name = "replica_id",
    .spec = "StableHLO specification, replica_id",
    .stablehlo = "stablehlo.replica_id",
    .kind = Kind::STRUCTURAL,
    .types = Types::NONE,
    .together = [](const Node& node, together::Devices devices) { return together::number(node, devices, true); },
    .vjp = ALONE};
constinit const Op async_start{.name = "async_start",
                               .spec = "StableHLO specification, async_start",
                               .stablehlo = "stablehlo.async_start",
                               .kind = Kind::STRUCTURAL,
                               .types = Types::ANY,
                               .expand = [](const Node& n) { return inline_graph(*n.regions[0], n.operands); },
                               .vjp = vjp_by_expansion};
constinit const Op async_done{.name = "async_done",
                              .spec = "StableHLO specification, async_done",
                              .stablehlo = "stablehlo.async_done",
                              .kind = Kind::RESULT,
                              .types = Types::ANY,
                              .vjp = "what it waits for has the gradient"};

}  // namespace rows

Tensor all_reduce(const Binary& combiner, const Operand& x, const Groups& groups) {
    expect_groups("all_reduce", groups, x.location());
    return record_collective(rows::all_reduce, x.tensor(), x.tensor().dims(), groups, {}, x.location(), &combiner);
}

Tensor all_gather(const Operand& x, std::int64_t axis, const Groups& groups) {
    expect_groups("all_gather", groups, x.location());
    axis = normalize_axis("all_gather", axis, x.tensor().rank(), x.location());
    Dims dims =
        scaled("all_gather", x.tensor(), axis, static_cast<std::int64_t>(groups[0].size()), false, x.location());
    return record_collective(rows::all_gather, x.tensor(), std::move(dims), groups, {axis}, x.location());
}

Tensor reduce_scatter(const Binary& combiner, const Operand& x, std::int64_t axis, const Groups& groups) {
    expect_groups("reduce_scatter", groups, x.location());
    axis = normalize_axis("reduce_scatter", axis, x.tensor().rank(), x.location());
    Dims dims =
        scaled("reduce_scatter", x.tensor(), axis, static_cast<std::int64_t>(groups[0].size()), true, x.location());
    return record_collective(rows::reduce_scatter, x.tensor(), std::move(dims), groups, {axis}, x.location(),
                             &combiner);
}

Tensor all_to_all(const Operand& x, std::int64_t split_axis, std::int64_t concat_axis, const Groups& groups) {
    expect_groups("all_to_all", groups, x.location());
    const auto split = normalize_axis("all_to_all", split_axis, x.tensor().rank(), x.location());
    const auto concat = normalize_axis("all_to_all", concat_axis, x.tensor().rank(), x.location());
    const auto size = static_cast<std::int64_t>(groups[0].size());
    Dims dims = scaled("all_to_all", x.tensor(), split, size, true, x.location());
    dims[static_cast<std::size_t>(concat)] *= size;
    return record_collective(rows::all_to_all, x.tensor(), std::move(dims), groups, {split, concat}, x.location());
}

Tensor collective_broadcast(const Operand& x, const Groups& groups) {
    expect_groups("collective_broadcast", groups, x.location());
    return record_collective(rows::collective_broadcast, x.tensor(), x.tensor().dims(), groups, {}, x.location());
}

Tensor collective_permute(const Operand& x, const Groups& pairs) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        bool once = pairs[i].size() == 2;
        for (std::size_t j = 0; once && j < i; ++j) once = pairs[i][0] != pairs[j][0] && pairs[i][1] != pairs[j][1];
        if (!once)
            fail_at(Code::INVALID_ARGUMENT, x.location(),
                    fmt::format("collective_permute: [{}] is no pair, or a device sends or receives twice",
                                join(pairs[i])));
    }
    if (pairs.empty()) fail_at(Code::INVALID_ARGUMENT, x.location(), "collective_permute: no pairs were given");
    return record_collective(rows::collective_permute, x.tensor(), x.tensor().dims(), pairs, {}, x.location());
}

Tensor collective_reduce(const Binary& combiner, const Operand& x, const Groups& groups) {
    expect_groups("collective_reduce", groups, x.location());
    return record_collective(rows::collective_reduce, x.tensor(), x.tensor().dims(), groups, {}, x.location(),
                             &combiner);
}

Tensor partition_id(Location location) {
    return record(
        {.op = rows::partition_id, .shape = Shape(DataType::UINT32, {}), .operands = {}, .location = location});
}

Tensor replica_id(Location location) {
    return record({.op = rows::replica_id, .shape = Shape(DataType::UINT32, {}), .operands = {}, .location = location});
}

Tensor asynchronously(const std::function<Tensor(const Tensor&)>& f, const Operand& x) {
    const Closed closed = trace_region([&](const Tensors& t) -> Tensors { return {f(t[0])}; }, {x.tensor()});
    const Tensor& result = closed.graph->results[0];
    const bool one = result->operands.size() == 1 && result->operands[0].node() == closed.graph->parameters[0].node();
    if (!closed.captures.empty() || !one ||
        (result->op->together == nullptr && result->op != &rows::slice))  // (C1), (C2)
        fail_at(
            Code::INVALID_ARGUMENT, x.location(),
            "asynchronously: the function must record one operation between devices, or one slice, of its argument");
    const Tensor started = record({.op = rows::async_start,
                                   .operands = {x.tensor()},
                                   .location = x.location(),
                                   .regions = {closed.graph},
                                   .results = {result.shape()}});
    return record({.op = rows::async_done,
                   .shape = result.shape(),
                   .operands = {started},
                   .attributes = {{0}},
                   .location = x.location()});
}

std::span<const Op* const> distribution_ops() {
    static constexpr std::array ROWS{
        &rows::all_reduce,           &rows::all_gather,         &rows::reduce_scatter,    &rows::all_to_all,
        &rows::collective_broadcast, &rows::collective_permute, &rows::collective_reduce, &rows::partition_id,
        &rows::replica_id,           &rows::async_start,        &rows::async_done};
    return ROWS;
}

}  // namespace podium
