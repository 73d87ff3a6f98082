#include "podium/runtime/pjrt/pjrt_backend.h"

#include "podium/emit/stablehlo.h"
#include "podium/runtime/pjrt/constant_inputs.h"

namespace podium {

std::string PjrtBackend::fingerprint() const {
    return fmt::format("pjrt {} {}", client_->plugin().fingerprint(), client_->platform_version());
}

std::vector<DeviceInfo> PjrtBackend::devices() const {
    std::vector<DeviceInfo> found;
    for (int i = 0; i < client_->device_count(); ++i) found.push_back(client_->device_info(i));
    return found;
}

std::shared_ptr<Executable> PjrtBackend::compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) {
    const auto specs = [&](const Tensors& tensors, const std::vector<std::vector<std::string>>& axes) {
        std::vector<BufferSpec> described;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const auto& shape = tensors[i].shape();
            described.push_back(
                {shape, std::make_shared<const Placement>(mesh, i < axes.size() ? axes[i] : shape.axes)});
        }
        return described;
    };
    const auto text = stablehlo(graph, mesh, {.cpu_forms = client_->type() == DeviceType::CPU});
    return compile_text({.text = text,
                         .mesh = mesh,
                         .name = graph.name,
                         .parameters = specs(graph.parameters, {}),
                         .results = specs(graph.results, graph.result_axes),
                         .reuse = graph.reuse,
                         .constant_inputs = has_constant_inputs(graph)},
                        options);
}

}  // namespace podium
