#pragma once

#include <string>

#include "podium/runtime/backend.h"
#include "podium/runtime/pjrt/api.h"

namespace podium {

/// What PJRT tells of a compiled program, loaded or not.
CompiledMemory memory_of(const PjrtApi& api, PJRT_Executable* executable);
/// Returns a serialized HloModuleProtoWithConfig.
std::string optimized_program_of(const PjrtApi& api, PJRT_Executable* executable);

}  // namespace podium
