#include "podium/ir/together.h"

#include "podium/ir/number.h"

namespace podium::together {
namespace {

/// Writes `part` into `whole` at `start` along `axis`.
void place_piece(HostArray& whole, const HostArray& part, std::int64_t axis, std::int64_t start) {
    std::int64_t position = 0;
    for_each_index(part.shape().dims, [&](const Dims& index) {
        Dims target(index);
        target[static_cast<std::size_t>(axis)] += start;
        store(whole, flat_index(target, whole.shape().dims), load(part, position++));
    });
}

}  // namespace

const HostArray& on_device(Devices devices, std::int64_t device) {
    return devices[static_cast<std::size_t>(device)][0];
}

DeviceResults in_groups(const Node& node, Devices devices, const OfGroup& of_group) {
    DeviceResults results(devices.size());
    for (auto& result : results) result = {HostArray(node.shape)};
    for (const auto& group : groups_of(node))
        for (std::size_t i = 0; i < group.size(); ++i)
            results[static_cast<std::size_t>(group[i])] = {of_group(group, i)};
    return results;
}

HostArray combined(const Node& node, Devices devices, const Dims& group) {
    const HostArray& first = on_device(devices, group[0]);
    HostArray total(first.shape());
    for (std::int64_t k = 0; k < total.count(); ++k) {
        Number value = load(first, k);
        for (std::size_t i = 1; i < group.size(); ++i)
            value = combine(*node.inner, value, load(on_device(devices, group[i]), k));
        store(total, k, value);
    }
    return total;
}

HostArray piece(const HostArray& array, std::int64_t axis, std::int64_t start, Dims dims) {
    return move_elements(Shape(array.type(), std::move(dims)), array, [&](const Dims& index) {
        Dims source(index);
        source[static_cast<std::size_t>(axis)] += start;
        return flat_index(source, array.shape().dims);
    });
}

DeviceResults all_gather(const Node& node, Devices devices) {
    const auto axis = settings_of(node)[0];
    return in_groups(node, devices, [&](const Dims& group, std::size_t) {
        HostArray whole(node.shape);
        std::int64_t start = 0;
        for (const auto device : group) {
            place_piece(whole, on_device(devices, device), axis, start);
            start += on_device(devices, device).shape().dims[static_cast<std::size_t>(axis)];
        }
        return whole;
    });
}

DeviceResults all_to_all(const Node& node, Devices devices) {
    const auto split = settings_of(node)[0], concat = settings_of(node)[1];
    return in_groups(node, devices, [&](const Dims& group, std::size_t place) {
        HostArray whole(node.shape);
        Dims part = on_device(devices, group[0]).shape().dims;
        part[static_cast<std::size_t>(split)] /= static_cast<std::int64_t>(group.size());
        for (std::size_t i = 0; i < group.size(); ++i)
            place_piece(whole,
                        piece(on_device(devices, group[i]), split,
                              static_cast<std::int64_t>(place) * part[static_cast<std::size_t>(split)], part),
                        concat, static_cast<std::int64_t>(i) * part[static_cast<std::size_t>(concat)]);
        return whole;
    });
}

DeviceResults permute(const Node& node, Devices devices) {
    DeviceResults results(devices.size());
    for (auto& result : results) result = {HostArray(node.shape)};
    for (const auto& pair : groups_of(node)) results[static_cast<std::size_t>(pair[1])] = {on_device(devices, pair[0])};
    return results;
}

DeviceResults number(const Node& node, Devices devices, bool counts) {
    DeviceResults results;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        HostArray own(node.shape);
        store(own, 0, std::uint64_t{counts ? i : 0});
        results.push_back({own});
    }
    return results;
}

}  // namespace podium::together
