#pragma once

#include "podium/ir/distribution.h"

namespace podium {

/// A collective node's groups come first; what else it says is in the last attribute.
inline Groups groups_of(const Node& node) { return {node.attributes.begin(), node.attributes.end() - 1}; }
inline const Dims& settings_of(const Node& node) { return node.attributes.back(); }

/// What devices compute together, for the interpreter.
namespace together {

using Devices = std::span<const std::vector<HostArray>>;
using DeviceResults = std::vector<std::vector<HostArray>>;
using OfGroup = std::function<HostArray(const Dims& group, std::size_t place)>;

/// Returns the operand that a device has.
const HostArray& on_device(Devices devices, std::int64_t device);
/// Returns each device's result: `of_group(group, place of the device in it)`, or zeros on devices of no group.
DeviceResults in_groups(const Node& node, Devices devices, const OfGroup& of_group);
/// Returns the group's tensors combined element by element, in the group's order.
HostArray combined(const Node& node, Devices devices, const Dims& group);
/// Returns the part of `array` at `start` along `axis`, of the node's size.
HostArray piece(const HostArray& array, std::int64_t axis, std::int64_t start, Dims dims);

/// The rows' results on each device.
DeviceResults all_gather(const Node& node, Devices devices);
DeviceResults all_to_all(const Node& node, Devices devices);
DeviceResults permute(const Node& node, Devices devices);
/// Returns the number of each device, or 0 for all.
DeviceResults number(const Node& node, Devices devices, bool counts);

}  // namespace together
}  // namespace podium
