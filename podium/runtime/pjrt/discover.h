#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/base/error.h"
#include "podium/base/user_folder.h"
#include "podium/runtime/device.h"

namespace podium {

/// A plugin's file, not loaded yet.
struct FoundPlugin {
    DeviceType type;
    std::string path;
    std::string where;  ///< the rule that found it, "PJRT_NAMES_AND_LIBRARY_PATHS"
};

/// What discovery looks at; the defaults are the process's own.
struct DiscoverOptions {
    std::string explicit_path;  ///< found first, whether it exists or not
    Environment environment = process_environment;
    std::vector<std::string> build_folders = {};  ///< empty: those above the executable
};

/// Returns the plugins in the order in which they are tried, each file once: the explicit path,
/// PJRT_NAMES_AND_LIBRARY_PATHS ("name:path,name:path"), TPU_LIBRARY_PATH, `./dev setup`'s folder, the user's data
/// folder ($XDG_DATA_HOME/podium/plugins/NAME/*.so), installed Python packages.
std::vector<FoundPlugin> discover(const DiscoverOptions& options = {});

/// Returns the folders that hold plugins, each in a folder of its own name: `./dev setup`'s, then the user's.
std::vector<std::filesystem::path> plugin_folders(const DiscoverOptions& options = {});

/// Returns the first plugin for devices of `type`; UNAVAILABLE says where it was looked for.
Result<FoundPlugin> find_plugin(DeviceType type, const DiscoverOptions& options = {});

}  // namespace podium
