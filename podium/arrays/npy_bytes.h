#pragma once

#include <memory>
#include <string_view>

#include "podium/runtime/host_array.h"

namespace podium {

/// Returns the array in the bytes of a .npy file, which `owner` keeps alive; as `read_npy` reads files.
HostArray npy_of(std::string_view bytes, const std::shared_ptr<const void>& owner);

}  // namespace podium
