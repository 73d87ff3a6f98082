#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "podium/runtime/backend.h"

namespace podium {

// Fault injection at the border of the backends, for tests only.

/// The points at which a device can be made to fail.
enum class DeviceOperation { COMPILE, EXECUTE };

/// What befalls an operation.
struct DeviceFault {
    Code code = Code::OK;  ///< what it fails with; OK: it does not
    bool nan = false;      ///< every float that the program returns is NaN
};

/// Called before each operation, with the program's name.
using DeviceFaultHook = std::function<DeviceFault(DeviceOperation, std::string_view program)>;

/// Installs the process's hook; an empty one removes it. Without a call, the environment's PODIUM_DEVICE_FAULT counts.
void set_device_fault_hook(DeviceFaultHook hook);
/// Returns the hook for "OUT_OF_MEMORY:EXECUTE:train_step:3" (the third run of that program), "…:3+" (each from the
/// third on) or "NAN:EXECUTE:train_step:3"; throws INVALID_ARGUMENT.
DeviceFaultHook parse_device_fault(std::string_view text);

/// Returns the backend, with the hook before it where there is one.
std::shared_ptr<Backend> with_device_faults(std::shared_ptr<Backend> backend);

}  // namespace podium
