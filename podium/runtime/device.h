#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podium {

enum class DeviceType { CPU, CUDA, ROCM, TPU, EDGE_TPU, WEBGPU, OPENCL, METAL, INTERP };

/// Returns "cpu", "cuda", "tpu", …
std::string_view name(DeviceType type);

/// One device of a kind: `cpu`, `cuda:0`, `Device(DeviceType::TPU, 0)`.
struct Device {
    DeviceType type = DeviceType::CPU;
    int index = 0;

    Device() = default;
    explicit Device(DeviceType type, int index = 0) : type(type), index(index) {}
    /// Parses `kind[:index]`; throws INVALID_ARGUMENT naming the nearest kind.
    explicit Device(std::string_view text);
    /// True if a backend here can run on it.
    bool is_available() const;
    bool operator==(const Device&) const = default;
};

/// Returns "cpu:0".
std::string to_string(const Device& device);

/// Devices of one kind. With no indices, as many as the mesh asks for, from 0.
struct DeviceSet {
    DeviceType type = DeviceType::CPU;
    std::vector<int> indices;
};

/// Returns the devices of a kind: `devices("cpu")`.
DeviceSet devices(std::string_view kind);

}  // namespace podium
