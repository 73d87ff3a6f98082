#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "podium/runtime/backend.h"
#include "podium/runtime/pjrt/plugin.h"

namespace podium {

/// Bytes of live buffers on one device, as we count them: for plugins that do not.
struct DeviceBytes {
    std::atomic<std::int64_t> in_use = 0, peak = 0;
    void add(std::int64_t bytes) noexcept;
    void subtract(std::int64_t bytes) noexcept { in_use.fetch_sub(bytes, std::memory_order_relaxed); }
};

/// The plugin's client with its devices. Buffers and executables share it, so it outlives them.
class PjrtClient {
public:
    /// `device_count`: how many devices the CPU plugin makes; others have those they have.
    PjrtClient(const PjrtPlugin& plugin, DeviceType type, int device_count);
    ~PjrtClient();
    PjrtClient(const PjrtClient&) = delete;
    PjrtClient& operator=(const PjrtClient&) = delete;

    const PjrtApi& api() const { return plugin_.api(); }
    const PjrtPlugin& plugin() const { return plugin_; }
    PJRT_Client* handle() const { return handle_; }
    DeviceType type() const { return type_; }
    int device_count() const { return static_cast<int>(devices_.size()); }
    /// Returns the plugin's device; throws NOT_FOUND naming how many there are.
    PJRT_Device* device(int index) const;
    /// Returns the plugin's own number of the device, which device assignments use.
    int device_id(int index) const;
    DeviceInfo device_info(int index) const;
    MemoryStats memory_stats(int index) const;
    std::string platform_version() const;

    DeviceBytes& bytes(int index) { return bytes_[static_cast<std::size_t>(index)]; }
    std::atomic<std::int64_t>& live_buffers() { return live_buffers_; }
    /// Programs over several devices start one at a time, so that every device sees them in the same order.
    std::mutex& launch_mutex() { return launch_mutex_; }

private:
    PJRT_DeviceDescription* description(int index) const;

    const PjrtPlugin& plugin_;
    DeviceType type_;
    PJRT_Client* handle_ = nullptr;
    std::vector<PJRT_Device*> devices_;
    std::vector<DeviceBytes> bytes_;
    std::atomic<std::int64_t> live_buffers_ = 0;
    std::mutex launch_mutex_;
};
using PjrtClientPtr = std::shared_ptr<PjrtClient>;

}  // namespace podium
