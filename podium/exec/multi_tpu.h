#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "podium/runtime/backend.h"

namespace podium {

// Several devices at once, by the names that users of TPU layers look for. "TPU" is the best kind there is: a TPU, else
// a CUDA device, else the CPU, so that the same lines run everywhere.

/// Returns a mesh with the axis "data" over the first `count` devices, all of them where it is 0 (one on the CPU, which
/// has as many as one asks for). Throws INVALID_ARGUMENT for more than there are.
Mesh setup_multi_tpu(std::int64_t count = 0);
/// Waits for the mesh's devices and forgets the programs compiled in this process.
void cleanup_multi_tpu(const Mesh& mesh);
/// Returns device `index` of the best kind; throws UNAVAILABLE where there is none.
Device get_tpu_device(int index = 0);
/// Waits until the mesh's devices have done what they were given before: a small program goes behind it.
void synchronize_tpu(const Mesh& mesh);

struct TpuStatus {
    Device device;
    std::string kind;  ///< the vendor's name
    bool responds = false;
    std::string problem;  ///< why not
    MemoryStats memory;
};
/// Returns how each device of the mesh does.
std::vector<TpuStatus> get_tpu_status(const Mesh& mesh);

}  // namespace podium
