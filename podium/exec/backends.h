#pragma once

#include <memory>
#include <span>
#include <string>

#include "podium/runtime/backend.h"

namespace podium {

/// One kind of device: how its backend is made.
struct BackendRow {
    DeviceType type;
    std::string_view summary;
    /// Returns a backend with (at least) `devices` devices, or why there is none.
    Result<std::shared_ptr<Backend>> (*make)(int devices);
};
/// Returns every backend that podium has: one line a backend.
std::span<const BackendRow> backend_rows();

/// Returns the backend that runs programs on the mesh; made once for each number of devices. Throws UNAVAILABLE.
std::shared_ptr<Backend> backend_for(const Mesh& mesh);

/// Makes the CPU's (or `type`'s) plugin the file `path` instead of what discovery finds.
void set_plugin_path(DeviceType type, std::string path);

/// Returns the device of tensors that nothing else places: the innermost scope's, else the process's first device.
Device default_device();
/// Changes the calling thread's default device for the scope's life.
class DeviceScope {
public:
    explicit DeviceScope(Device device);
    ~DeviceScope();
    DeviceScope(const DeviceScope&) = delete;
    DeviceScope& operator=(const DeviceScope&) = delete;

private:
    Device previous_;
    bool had_previous_;
};

}  // namespace podium
