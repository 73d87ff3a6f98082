#pragma once

#include <filesystem>
#include <string_view>

namespace podium {

/// Returns podium/NAME in the user's folder of what can be made again: in $XDG_CACHE_HOME, else in ~/.cache; empty
/// where neither that nor HOME is set to an absolute path. Source: XDG Base Directory Specification 0.8.
std::filesystem::path user_cache_folder(std::string_view name);

}  // namespace podium
