#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "podium/plugins/pins.h"

namespace podium::plugins {

/// Where plugins and their wheels lie.
struct Folders {
    std::filesystem::path plugins;  ///< PLUGINS/cpu/xla_cpu_pjrt.so; discovery looks here
    std::filesystem::path wheels;   ///< wheels as they were fetched
};

/// Returns the user's: that of discovery, and $XDG_CACHE_HOME/podium/wheels or ~/.cache/podium/wheels. Throws
/// FAILED_PRECONDITION where no variable names a home.
Folders user_folders();

struct InstallOptions {
    bool offline = false;                              ///< the wheel must be in `Folders::wheels` already
    std::function<void(std::uint64_t)> progress = {};  ///< called with the bytes of the wheel that came
};

/// A plugin that `install` put there.
struct Installed {
    std::string name, version;
    std::filesystem::path library;
    std::string wheel;  ///< its file's name
};

/// Fetches, checks and unpacks a plugin's wheel, and replaces what is installed under that name, all or nothing. Two
/// processes take turns.
Installed install(const Pin& pin, const Folders& folders, const InstallOptions& options = {});

/// Returns what is installed, by name.
std::vector<Installed> list(const Folders& folders);

/// Removes an installed plugin and its wheel; NOT_FOUND where it is not installed.
void remove(const std::string& name, const Folders& folders);

}  // namespace podium::plugins
