#include "podium/exec/memory_manager.h"

#include <malloc.h>

#include <algorithm>

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"

namespace podium {
namespace {

std::optional<double> gigabytes(std::int64_t bytes) {
    if (bytes < 0) return std::nullopt;
    return static_cast<double>(bytes) / 1e9;
}

}  // namespace

TpuMemoryManager::TpuMemoryManager(Device device) : device_(device), backend_(backend_for(Mesh(device))) {}

MemoryStats TpuMemoryManager::stats() const { return backend_->memory_stats(device_.index); }

std::optional<double> TpuMemoryManager::used_gb() const { return gigabytes(stats().in_use_bytes); }
std::optional<double> TpuMemoryManager::peak_gb() const { return gigabytes(stats().peak_bytes); }
std::optional<double> TpuMemoryManager::limit_gb() const { return gigabytes(stats().limit_bytes); }

std::optional<double> TpuMemoryManager::utilization_percent() const {
    const auto now = stats();
    if (now.in_use_bytes < 0 || now.limit_bytes <= 0) return std::nullopt;
    return 100 * static_cast<double>(now.in_use_bytes) / static_cast<double>(now.limit_bytes);
}

std::optional<double> TpuMemoryManager::fragmentation() const {
    const auto now = stats();
    const auto free_bytes = now.limit_bytes - now.in_use_bytes;
    if (now.largest_free_block_bytes < 0 || now.in_use_bytes < 0 || free_bytes <= 0) return std::nullopt;
    return std::max(0.0, 1 - static_cast<double>(now.largest_free_block_bytes) / static_cast<double>(free_bytes));
}

void TpuMemoryManager::clear_cache() {
    clear_compiled();
    malloc_trim(0);
}

}  // namespace podium
