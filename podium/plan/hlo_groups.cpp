#include "podium/plan/hlo_groups.h"

#include <numeric>

#include "podium/base/error.h"
#include "podium/base/wire.h"

namespace podium::plan {
namespace {

constexpr std::int64_t MOST_DEVICES = 1 << 20;

[[noreturn]] void fail_damaged() { fail(Code::INVALID_DATA, "a compiled program's groups of devices are damaged"); }

/// ReplicaGroup {1 replica_ids}.
std::vector<std::int64_t> ids_of(std::string_view group) {
    std::vector<std::int64_t> ids;
    read_fields(group, [&](const WireField& field) {
        if (field.field == 1) read_numbers(field, [&](std::int64_t id) { ids.push_back(id); });
    });
    return ids;
}

/// IotaReplicaGroupListProto {1 num_replica_groups, 2 num_devices_per_group, 3 iota_reshape_dims,
/// 4 iota_transpose_perm}.
std::vector<std::int64_t> first_of_iota(std::string_view list) {
    std::int64_t per_group = 0;
    std::vector<std::int64_t> dims, order, group;
    read_fields(list, [&](const WireField& field) {
        if (field.field == 2) per_group = static_cast<std::int64_t>(field.number);
        if (field.field == 3) read_numbers(field, [&](std::int64_t dim) { dims.push_back(dim); });
        if (field.field == 4) read_numbers(field, [&](std::int64_t axis) { order.push_back(axis); });
    });
    if (order.empty()) {
        order.resize(dims.size());
        std::iota(order.begin(), order.end(), 0);
    }
    if (order.size() != dims.size() || per_group > MOST_DEVICES) fail_damaged();
    std::vector<std::int64_t> strides(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
    for (std::int64_t n = 0; n < per_group; ++n) {
        std::int64_t rest = n, id = 0;
        for (std::size_t i = order.size(); i-- > 0;) {
            const auto axis = static_cast<std::size_t>(order[i]);
            if (axis >= dims.size() || dims[axis] <= 0) fail_damaged();
            id += rest % dims[axis] * strides[axis];
            rest /= dims[axis];
        }
        group.push_back(id);
    }
    return group;
}

/// An axis of a mesh, or a part of one: how many devices lie along it, and how far apart their places are.
struct Span {
    std::int64_t size = 1, stride = 1;
};

/// MeshProto {1 axes {1 name, 2 size}, 2 device_ids}.
struct MeshOfGroups {
    std::vector<Span> axes;
    std::vector<std::int64_t> devices;
};

MeshOfGroups mesh_of_groups(std::string_view proto) {
    MeshOfGroups mesh;
    read_fields(proto, [&](const WireField& field) {
        if (field.field == 1) {
            mesh.axes.emplace_back();
            read_fields(field.bytes, [&](const WireField& part) {
                if (part.field == 2) mesh.axes.back().size = static_cast<std::int64_t>(part.number);
            });
            if (mesh.axes.back().size < 1 || mesh.axes.back().size > MOST_DEVICES) fail_damaged();
        }
        if (field.field == 2) read_numbers(field, [&](std::int64_t id) { mesh.devices.push_back(id); });
    });
    for (std::size_t i = mesh.axes.size(); i-- > 1;) mesh.axes[i - 1].stride = mesh.axes[i].stride * mesh.axes[i].size;
    return mesh;
}

/// AxisRefProto {1 mesh_axis_index, 2 sub_axis_info {1 pre_size, 2 size}}.
Span axis_of(std::string_view proto, const MeshOfGroups& mesh) {
    std::uint64_t index = 0;
    std::int64_t before = 1, size = 0;
    read_fields(proto, [&](const WireField& field) {
        if (field.field == 1) index = field.number;
        if (field.field == 2)
            read_fields(field.bytes, [&](const WireField& part) {
                if (part.field == 1) before = static_cast<std::int64_t>(part.number);
                if (part.field == 2) size = static_cast<std::int64_t>(part.number);
            });
    });
    if (index >= mesh.axes.size()) fail_damaged();
    const Span whole = mesh.axes[index];
    if (size == 0) return whole;
    if (before < 1 || size < 1 || before > whole.size || size > whole.size / before) fail_damaged();
    return {size, whole.stride * (whole.size / (before * size))};
}

/// {1 mesh, 2 axes}
std::vector<std::int64_t> first_along_axes(std::string_view proto) {
    MeshOfGroups mesh;
    std::vector<Span> spans;
    read_fields(proto, [&](const WireField& field) {
        if (field.field == 1) mesh = mesh_of_groups(field.bytes);
        if (field.field == 2) spans.push_back(axis_of(field.bytes, mesh));
    });
    std::vector<std::int64_t> group{0};
    for (const auto& span : spans) {
        std::vector<std::int64_t> wider;
        if (static_cast<std::int64_t>(group.size()) * span.size > MOST_DEVICES) fail_damaged();
        for (const auto place : group)
            for (std::int64_t i = 0; i < span.size; ++i) wider.push_back(place + i * span.stride);
        group = std::move(wider);
    }
    if (!mesh.devices.empty())
        for (auto& place : group) {
            if (place >= std::ssize(mesh.devices)) fail_damaged();
            place = mesh.devices[static_cast<std::size_t>(place)];
        }
    return group;
}

}  // namespace

std::vector<std::int64_t> hlo_first_group(const HloInstruction& hlo) {
    if (!hlo.replica_group.empty()) return ids_of(hlo.replica_group);
    std::vector<std::int64_t> group;
    if (!hlo.source_target.empty()) {  // SourceTarget {1 source, 2 target}, absent is 0
        group = {0, 0};
        read_fields(hlo.source_target, [&](const WireField& field) {
            if (field.field == 1 || field.field == 2)
                group[static_cast<std::size_t>(field.field - 1)] = static_cast<std::int64_t>(field.number);
        });
        return group;
    }
    if (!hlo.mesh_axes.empty()) return first_along_axes(hlo.mesh_axes);
    read_fields(hlo.device_list, [&](const WireField& field) {
        if (field.field == 1 && group.empty()) group = ids_of(field.bytes);
        if (field.field == 2) group = first_of_iota(field.bytes);
    });
    return group;
}

}  // namespace podium::plan
