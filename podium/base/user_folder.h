#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace podium {

/// Returns podium/NAME in the user's folder of what can be made again: in $XDG_CACHE_HOME, else in ~/.cache; empty
/// where neither that nor HOME is set to an absolute path. Source: XDG Base Directory Specification 0.8.
std::filesystem::path user_cache_folder(std::string_view name);

/// Returns a variable's value, nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char*)>;

/// The process's own.
std::optional<std::string> process_environment(const char* name);

/// Returns $XDG_DATA_HOME/podium/plugins or ~/.local/share/podium/plugins, where `podium plugin install` puts them;
/// nothing where neither variable is set.
std::optional<std::filesystem::path> user_plugin_folder(const Environment& environment = process_environment);

/// The folders of plugins that serve no device: the library that reads Parquet files, and that of the CPU's kernels.
inline constexpr std::string_view PARQUET_PLUGIN = "parquet", ONEDNN_PLUGIN = "onednn";

}  // namespace podium
