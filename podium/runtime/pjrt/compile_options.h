#pragma once

#include <span>
#include <string>

#include "podium/runtime/backend.h"

namespace podium {

struct PjrtProgram;

/// Returns a serialized CompileOptionsProto: one replica, one partition a device of `device_ids` (the plugin's ids, in
/// mesh order), partitioned by Shardy where there are several.
/// With `program.replicas` each device runs the program as it is, a replica of one partition.
/// Source: xla/pjrt/proto/compile_options.proto; OptionOverrideProto for the flags.
std::string compile_options(std::span<const int> device_ids, DeviceType type, const XlaOptions& options,
                            const PjrtProgram& program);

}  // namespace podium
