#pragma once

#include <span>
#include <vector>

#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium::proof {

/// Returns the results of a program in text on the backend's first device.
std::vector<HostArray> run_text(PjrtBackend& backend, DeviceType type, const PjrtProgram& program,
                                std::span<const HostArray> inputs, const XlaOptions& options);

/// Returns an executable's results on that device.
std::vector<HostArray> run_executable(Backend& backend, Executable& executable, DeviceType type,
                                      std::span<const HostArray> inputs);

}  // namespace podium::proof
