#include "podium/plan/cost_model.h"

#include <algorithm>
#include <map>

namespace podium::plan {
namespace {

/// Returns the axes whose coordinate differs within the group: "data+model".
std::string axes_within(const std::vector<std::int64_t>& group, const std::vector<Mesh::Axis>& axes) {
    std::string names;
    std::int64_t stride = 1;
    for (const auto& axis : axes) stride *= axis.size;
    for (const auto& axis : axes) {
        stride /= axis.size;
        const auto coordinate = [&](std::int64_t device) { return device / stride % axis.size; };
        const bool differs = std::ranges::any_of(
            group, [&](std::int64_t device) { return coordinate(device) != coordinate(group.front()); });
        if (differs) names += (names.empty() ? "" : "+") + axis.name;
    }
    return names;
}

/// Returns what share of its bytes a device passes on.
double passed(std::string_view kind, double devices) {
    if (devices <= 1) return 0;
    if (kind == "collective-permute") return 1;
    const double share = (devices - 1) / devices;
    return kind == "all-reduce" ? 2 * share : share;
}

}  // namespace

double StepTime::total() const { return std::max({compute, memory, links}); }

std::string_view StepTime::bound() const {
    if (compute >= memory && compute >= links) return "compute";
    return memory >= links ? "memory" : "links";
}

std::vector<AxisCollective> along_axes(std::span<const HloCollective> collectives, const std::vector<Mesh::Axis>& axes,
                                       const catalog::Slice& slice, const Efficiency& efficiency) {
    const auto& chip = *slice.chip;
    const auto all = slice.device_count();
    std::map<std::pair<std::string, std::string>, AxisCollective> rows;
    for (const auto& each : collectives) {
        auto group = each.group;
        if (group.empty())  // all devices
            for (std::int64_t i = 0; i < all; ++i) group.push_back(i);
        const auto axis = axes_within(group, axes);
        const auto size = static_cast<double>(group.size());
        const auto dimensions = std::ssize(group) == all ? chip.links / 2 : 1;
        const double bandwidth = 2 * dimensions * chip.link_bandwidth * efficiency.links / chip.devices;
        auto& row = rows[{each.kind, axis}];
        row.kind = each.kind;
        row.axis = axis;
        row.bytes += static_cast<double>(each.bytes);
        row.link = size > 1 ? "ici" : "none";
        row.seconds += static_cast<double>(each.bytes) * passed(each.kind, size) / bandwidth;
    }
    std::vector<AxisCollective> result;
    result.reserve(rows.size());
    for (auto& [key, row] : rows) result.push_back(std::move(row));
    std::ranges::stable_sort(result, std::ranges::greater(), &AxisCollective::bytes);
    return result;
}

StepTime step_time(double flops, const HloTraffic& traffic, std::span<const AxisCollective> collectives,
                   const catalog::Slice& slice, const Efficiency& efficiency) {
    const auto& chip = *slice.chip;
    StepTime time{.compute = flops / (static_cast<double>(slice.chip_count()) * chip.bf16_flops * efficiency.compute),
                  .memory = traffic.memory_bytes / (chip.hbm_bandwidth / chip.devices * efficiency.memory)};
    for (const auto& each : collectives) time.links += each.seconds;
    return time;
}

}  // namespace podium::plan
