#pragma once

#include <cstdint>

#include "podium/runtime/host_array.h"

namespace podium::data {

/// Token windows and, for each token, the one that follows it.
struct Batch {
    HostArray inputs, targets;  // i32[batch, length]
    std::uint64_t cursor = 0;   // index of the first sample; the next batch starts at cursor + batch
};

}  // namespace podium::data
