#include "podium/proof/run_text.h"

namespace podium::proof {

std::vector<HostArray> run_text(PjrtBackend& backend, DeviceType type, const PjrtProgram& program,
                                std::span<const HostArray> inputs, const XlaOptions& options) {
    return run_executable(backend, *backend.compile_text(program, options), type, inputs);
}

std::vector<HostArray> run_executable(Backend& backend, Executable& executable, DeviceType type,
                                      std::span<const HostArray> inputs) {
    const auto here = std::make_shared<const Placement>(Mesh{Device(type)});
    std::vector<BufferPtr> buffers;
    std::vector<Buffer*> handles;
    for (const auto& input : inputs) {
        buffers.push_back(backend.upload(input, here));
        handles.push_back(buffers.back().get());
    }
    std::vector<HostArray> results;
    for (const auto& result : executable.execute(handles, {})) results.push_back(result->to_host());
    return results;
}

}  // namespace podium::proof
