#include "podium/runtime/mesh.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <ranges>

#include "podium/base/error.h"

namespace podium {

Mesh::Mesh(std::vector<Axis> axes, const DeviceSet& devices) {
    std::int64_t size = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (axes[i].name.find(',') != std::string::npos)
            fail(Code::INVALID_ARGUMENT, "mesh: \"{}\" is no name of an axis: a comma stands between two",
                 axes[i].name);
        if (axes[i].size < 1)
            fail(Code::INVALID_ARGUMENT, "mesh: axis \"{}\" has size {}; sizes start at 1", axes[i].name, axes[i].size);
        for (std::size_t j = 0; j < i; ++j)
            if (axes[j].name == axes[i].name)
                fail(Code::INVALID_ARGUMENT, "mesh: axis \"{}\" appears twice", axes[i].name);
        size *= axes[i].size;
    }
    auto indices = devices.indices;
    if (indices.empty()) {
        indices.resize(static_cast<std::size_t>(size));
        std::iota(indices.begin(), indices.end(), 0);
    }
    if (static_cast<std::int64_t>(indices.size()) != size)
        fail(Code::INVALID_ARGUMENT, "mesh: the axes ask for {} devices, {} of kind {} were given", size,
             indices.size(), name(devices.type));
    state_ = std::make_shared<const State>(State{std::move(axes), devices.type, std::move(indices)});
}

Mesh::Mesh(Device device) : state_(std::make_shared<const State>(State{{}, device.type, {device.index}})) {}

std::int64_t Mesh::axis_size(std::string_view name) const {
    std::string known;
    for (const auto& axis : axes()) {
        if (axis.name == name) return axis.size;
        known += (known.empty() ? "" : ", ") + axis.name;
    }
    fail(Code::NOT_FOUND, "mesh: no axis \"{}\"; the mesh has {}", name, known.empty() ? "no axes" : known);
}

bool Mesh::operator==(const Mesh& other) const {
    return state_ == other.state_ || (type() == other.type() && devices() == other.devices() && axes() == other.axes());
}

std::vector<Mesh::Axis> parse_mesh_axes(std::string_view text) {
    std::vector<Mesh::Axis> axes;
    while (!text.empty()) {
        const auto item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), item.size() + 1));
        const auto equals = item.find('=');
        std::int64_t size = 0;
        const auto digits = equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
        if (equals == 0 || digits.empty() || error != std::errc() || end != digits.data() + digits.size() || size < 1)
            fail(Code::INVALID_ARGUMENT, "mesh: \"{}\" is not NAME=SIZE; write data=8 or data=4,model=2", item);
        axes.push_back({std::string(item.substr(0, equals)), size});
    }
    return axes;
}

std::vector<std::string> axes_in(std::string_view split) {
    std::vector<std::string> axes;
    if (split.empty()) return axes;
    for (const auto& part : split | std::views::split(',')) axes.emplace_back(part.begin(), part.end());
    return axes;
}

Placement::Placement(Mesh placed_on, std::vector<std::string> split)
    : mesh(std::move(placed_on)), axes(std::move(split)) {
    while (!axes.empty() && axes.back().empty()) axes.pop_back();
    std::vector<std::string> used;
    for (const auto& dimension : axes)
        for (auto& axis : axes_in(dimension)) {
            mesh.axis_size(axis);
            if (std::ranges::find(used, axis) != used.end())
                fail(Code::INVALID_ARGUMENT, "mesh: axis \"{}\" would split a tensor twice; name it once", axis);
            used.push_back(std::move(axis));
        }
}

std::int64_t Placement::parts(std::size_t dim) const {
    std::int64_t parts = 1;
    if (dim < axes.size())
        for (const auto& axis : axes_in(axes[dim])) parts *= mesh.axis_size(axis);
    return parts;
}

Shape Placement::shard_shape(const Shape& whole) const {
    Shape shard(whole.type, whole.dims);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (axes[i].empty()) continue;
        const auto count = parts(i);
        if (i >= whole.dims.size() || whole.dims[i] % count != 0)
            fail(Code::SHAPE_MISMATCH,
                 "mesh: axis \"{}\" splits dimension {} of {} into {} parts, which does not divide it", axes[i], i,
                 to_string(whole), count);
        shard.dims[i] /= count;
    }
    return shard;
}

Dims Placement::shard_start(const Shape& whole, std::int64_t position) const {
    const Shape shard = shard_shape(whole);
    const auto coordinate = [&](const std::string& name) {
        std::int64_t below = mesh.size();
        for (const auto& axis : mesh.axes()) {
            below /= axis.size;
            if (axis.name == name) return position / below % axis.size;
        }
        return std::int64_t{0};
    };
    Dims start(whole.dims.size(), 0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        std::int64_t part = 0;
        for (const auto& axis : axes_in(axes[i])) part = part * mesh.axis_size(axis) + coordinate(axis);
        if (part != 0) start[i] = part * shard.dims[i];
    }
    return start;
}

}  // namespace podium
