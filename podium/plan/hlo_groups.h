#pragma once

#include <cstdint>
#include <vector>

#include "podium/runtime/pjrt/hlo_module.h"

namespace podium::plan {

/// Returns the first group of devices of a collective, as places in the program's device assignment; empty where all
/// devices are one group. Reads each form that XLA has had for them: lists, iotas, and axes of a mesh. Throws
/// INVALID_DATA. Source: xla/xla_data.proto.
std::vector<std::int64_t> hlo_first_group(const HloInstruction& hlo);

}  // namespace podium::plan
