#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "podium/base/shape.h"
#include "podium/runtime/device.h"

namespace podium {

/// Devices arranged on named axes, row-major: the last axis varies fastest. Copies share.
class Mesh {
public:
    struct Axis {
        std::string name;
        std::int64_t size = 1;
        bool operator==(const Axis&) const = default;
    };

    /// Throws INVALID_ARGUMENT for repeated names, sizes below 1, or a set with too few devices.
    Mesh(std::vector<Axis> axes, const DeviceSet& devices);
    /// One device and no axes.
    explicit Mesh(Device device);

    const std::vector<Axis>& axes() const { return state_->axes; }
    DeviceType type() const { return state_->type; }
    /// Indices of the devices, in mesh order.
    const std::vector<int>& devices() const { return state_->devices; }
    std::int64_t size() const { return static_cast<std::int64_t>(state_->devices.size()); }
    /// Returns the size of the axis; throws NOT_FOUND naming the axes there are.
    std::int64_t axis_size(std::string_view name) const;
    bool operator==(const Mesh& other) const;

private:
    struct State {
        std::vector<Axis> axes;
        DeviceType type;
        std::vector<int> devices;
    };
    std::shared_ptr<const State> state_;
};

/// Parses "data=4,model=2"; throws INVALID_ARGUMENT.
std::vector<Mesh::Axis> parse_mesh_axes(std::string_view text);

/// Returns the axes that one entry of a split names: "data,fsdp" is data outside and fsdp inside, "" none.
std::vector<std::string> axes_in(std::string_view split);

/// How a tensor lies on a mesh: the axis or axes ("data,fsdp") that split each dimension ("" is whole; missing ones are
/// whole).
struct Placement {
    Mesh mesh;
    std::vector<std::string> axes;

    /// Throws NOT_FOUND for an axis that the mesh lacks, INVALID_ARGUMENT where one would split twice.
    explicit Placement(Mesh mesh, std::vector<std::string> axes = {});
    bool operator==(const Placement& other) const { return axes == other.axes && mesh == other.mesh; }
    /// Returns into how many parts dimension `dim` is split.
    std::int64_t parts(std::size_t dim) const;
    /// Returns the shape of one device's shard; throws SHAPE_MISMATCH where axes do not divide their dimension.
    Shape shard_shape(const Shape& whole) const;
    /// Returns the first index of device number `position`'s shard in each dimension.
    Dims shard_start(const Shape& whole, std::int64_t position) const;
};
using PlacementPtr = std::shared_ptr<const Placement>;

}  // namespace podium
