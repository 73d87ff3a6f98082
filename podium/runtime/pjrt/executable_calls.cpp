#include "podium/runtime/pjrt/executable_calls.h"

namespace podium {

CompiledMemory memory_of(const PjrtApi& api, PJRT_Executable* executable) {
    if (!api.has<&PJRT_Api::PJRT_Executable_GetCompiledMemoryStats>()) return {};
    const auto stats = api.call<&PJRT_Api::PJRT_Executable_GetCompiledMemoryStats>({.executable = executable});
    return {.argument_bytes = stats.argument_size_in_bytes,
            .output_bytes = stats.output_size_in_bytes,
            .alias_bytes = stats.alias_size_in_bytes,
            .temporary_bytes = stats.temp_size_in_bytes,
            .code_bytes = stats.generated_code_size_in_bytes};
}

std::string optimized_program_of(const PjrtApi& api, PJRT_Executable* executable) {
    PJRT_Program program{.struct_size = PJRT_Program_STRUCT_SIZE};
    api.call<&PJRT_Api::PJRT_Executable_OptimizedProgram>({.executable = executable, .program = &program});
    std::string text(program.code_size, '\0');
    program.code = text.data();
    api.call<&PJRT_Api::PJRT_Executable_OptimizedProgram>({.executable = executable, .program = &program});
    return text;
}

}  // namespace podium
