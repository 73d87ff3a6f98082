#pragma once

#include <span>
#include <string>

#include "podium/runtime/backend.h"

namespace podium {

/// Returns a serialized CompileOptionsProto: one replica, one partition a device of `device_ids` (the plugin's ids, in
/// mesh order), partitioned by Shardy where there are several.
/// `constant_inputs`: the program may hold an operation whose inputs are all constants.
/// `replicas`: each device runs the program as it is, a replica of one partition.
/// Source: xla/pjrt/proto/compile_options.proto; OptionOverrideProto for the flags.
std::string compile_options(std::span<const int> device_ids, DeviceType type, const XlaOptions& options,
                            bool constant_inputs, bool replicas = false);

}  // namespace podium
