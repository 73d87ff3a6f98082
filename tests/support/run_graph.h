#pragma once

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"

namespace podium::test {

/// Returns what the graph computes on the default device.
inline std::vector<HostArray> results_of(const Graph& graph, const std::vector<HostArray>& inputs,
                                         const XlaOptions& options = {}) {
    const Mesh mesh{Device()};
    const auto backend = backend_for(mesh);
    const auto here = std::make_shared<const Placement>(mesh);
    std::vector<BufferPtr> arguments;
    std::vector<Buffer*> handles;
    for (const auto& input : inputs) {
        arguments.push_back(backend->upload(input, here));
        handles.push_back(arguments.back().get());
    }
    std::vector<HostArray> results;
    for (const auto& result : compile(graph, mesh, options)->execute(handles, {})) results.push_back(result->to_host());
    return results;
}

}  // namespace podium::test
