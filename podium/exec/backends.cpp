#include "podium/exec/backends.h"

#include <map>
#include <mutex>
#include <optional>

#include "podium/base/log.h"
#include "podium/exec/device_fault.h"
#include "podium/exec/kernel_choice.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/discover.h"
#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium {
namespace {

using BackendResult = Result<std::shared_ptr<Backend>>;

std::mutex& state_mutex() {
    static std::mutex mutex;
    return mutex;
}
std::map<DeviceType, std::string>& plugin_paths() {
    static std::map<DeviceType, std::string> paths;
    return paths;
}

template <DeviceType TYPE>
BackendResult make_pjrt(int devices) {
    const auto chosen = plugin_paths().find(TYPE);
    const auto found = find_plugin(TYPE, {.explicit_path = chosen == plugin_paths().end() ? "" : chosen->second});
    if (!found) return found.error();
    const auto plugin = PjrtPlugin::load(found->path);
    if (!plugin) return plugin.error();
    return std::shared_ptr<Backend>(std::make_shared<PjrtBackend>(**plugin, TYPE, devices));
}

BackendResult make_interp(int devices) { return make_interp_backend(devices); }

constexpr std::array ROWS{
    BackendRow{DeviceType::CPU, "XLA's CPU plugin, through PJRT", make_pjrt<DeviceType::CPU>},
    BackendRow{DeviceType::CUDA, "XLA's CUDA plugin, through PJRT", make_pjrt<DeviceType::CUDA>},
    BackendRow{DeviceType::TPU, "libtpu, through PJRT", make_pjrt<DeviceType::TPU>},
    BackendRow{DeviceType::INTERP, "podium's interpreter: the tests' reference, slow", make_interp},
};

/// Returns a backend with at least `devices` devices of the type, made now or before.
BackendResult find_backend(DeviceType type, int devices) {
    // Never destroyed: at the process's end the plugins' own data goes before ours, and clients would need it.
    static auto& made = *new std::map<std::pair<DeviceType, int>, std::shared_ptr<Backend>>;
    const std::lock_guard lock(state_mutex());
    // Only the CPU and the interpreter have as many devices as one asks for.
    const bool countless = type == DeviceType::CPU || type == DeviceType::INTERP;
    const auto key = std::pair(type, countless ? devices : 0);
    if (const auto found = made.find(key); found != made.end()) return found->second;
    for (const auto& row : ROWS) {
        if (row.type != type) continue;
        auto backend = row.make(devices);
        if (backend) made.emplace(key, *backend);
        if (backend && type == DeviceType::CPU) apply_kernel_choice(**backend);
        return backend;
    }
    return Error(Code::UNIMPLEMENTED, fmt::format("device: podium has no backend for {} yet", name(type)));
}

thread_local std::optional<Device> scoped_device;

}  // namespace

std::span<const BackendRow> backend_rows() { return ROWS; }

std::shared_ptr<Backend> backend_for(const Mesh& mesh) {
    int devices = 1;
    for (const int index : mesh.devices()) devices = std::max(devices, index + 1);
    return with_device_faults(std::move(find_backend(mesh.type(), devices)).value());
}

void set_plugin_path(DeviceType type, std::string path) {
    const std::lock_guard lock(state_mutex());
    plugin_paths()[type] = std::move(path);
}

bool Device::is_available() const {
    const auto backend = find_backend(type, index + 1);
    return backend.ok() && index < static_cast<int>((*backend)->devices().size());
}

Device default_device() {
    if (scoped_device) return *scoped_device;
    static const Device first = [] {
        if (find_backend(DeviceType::CPU, 1)) return Device(DeviceType::CPU);
        logger().warn(
            "no plugin was found for the CPU: using podium's interpreter, which is slow; run podium plugin install "
            "cpu, or see podium devices");
        return Device(DeviceType::INTERP);
    }();
    return first;
}

DeviceScope::DeviceScope(Device device)
    : previous_(scoped_device.value_or(device)), had_previous_(scoped_device.has_value()) {
    scoped_device = device;
}
DeviceScope::~DeviceScope() {
    if (had_previous_)
        scoped_device = previous_;
    else
        scoped_device.reset();
}

}  // namespace podium
