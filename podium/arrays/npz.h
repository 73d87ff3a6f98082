#pragma once

#include <filesystem>
#include <string_view>

#include "podium/runtime/host_array.h"

namespace podium {

/// Returns the array of that name in a .npz file, as numpy.savez and numpy.savez_compressed write them. Throws
/// INVALID_DATA naming the path for what is no such file, is damaged, or holds no array of that name, with those it
/// holds.
HostArray read_npz(const std::filesystem::path& path, std::string_view name);

}  // namespace podium
