#pragma once

#include <string>
#include <vector>

#include "podium/runtime/backend.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium {

/// One found plugin, and what loading it showed.
struct PluginReport {
    FoundPlugin found;
    std::string problem;  ///< why it cannot be used; empty where it can
    std::string api_version, stablehlo_range;
    std::vector<DeviceInfo> devices;
    MemoryStats memory;
    bool is_default = false;  ///< whether its devices are used where nothing else is said
};

/// Returns a report on each plugin that is found, `explicit_path` (may be empty) first. The default is the one that
/// commands use without --device: the first of the CPU's.
std::vector<PluginReport> inspect_plugins(const std::string& explicit_path);

}  // namespace podium
