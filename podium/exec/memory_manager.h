#pragma once

#include <optional>

#include "podium/runtime/backend.h"

namespace podium {

/// One device's memory, by the names that users of TPU layers look for. Numbers are of buffers, as the plugin counts
/// them, or podium where it does not.
class TpuMemoryManager {
public:
    /// Throws UNAVAILABLE where there is no such device.
    explicit TpuMemoryManager(Device device);

    Device device() const { return device_; }
    /// Returns the present numbers; -1 where unknown.
    MemoryStats stats() const;
    /// Return gigabytes (10^9); nothing where unknown.
    std::optional<double> used_gb() const;
    std::optional<double> peak_gb() const;
    std::optional<double> limit_gb() const;
    /// Returns used memory in per cent of what there is.
    std::optional<double> utilization_percent() const;
    /// Returns the share of free memory that the largest free block does not have: 0 is one block, near 1 is splinters.
    std::optional<double> fragmentation() const;
    /// Forgets the programs compiled in this process, and gives the memory that freed objects held back to the system.
    void clear_cache();

private:
    Device device_;
    std::shared_ptr<Backend> backend_;
};

}  // namespace podium
