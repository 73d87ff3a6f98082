#pragma once

#include "podium/runtime/device.h"
#include "podium/runtime/pjrt/api.h"

namespace podium {

/// Makes the operators of this process (ir/custom_operator.h) known to the plugin, once for all that are defined before
/// or later, so that programs from disk find them too. False where the plugin has no foreign function interface.
bool register_operators(const PjrtApi& api, DeviceType type);

}  // namespace podium
