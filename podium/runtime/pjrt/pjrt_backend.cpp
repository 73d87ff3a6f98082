#include "podium/runtime/pjrt/pjrt_backend.h"

#include <fstream>

#include "podium/emit/stablehlo.h"
#include "podium/runtime/pjrt/constant_inputs.h"

namespace podium {
namespace {

/// Returns model and instruction sets of this machine's processor, as the kernel tells them.
std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    std::string text, line;
    while (std::getline(file, line) && !line.empty())  // up to the second processor
        if (line.starts_with("model name") || line.starts_with("flags") || line.starts_with("Features"))
            text.append(line).append(" ");
    return text;
}

PjrtProgram described(const Graph& graph, const Mesh& mesh) {
    const auto specs = [&](const Tensors& tensors, const std::vector<std::vector<std::string>>& axes) {
        std::vector<BufferSpec> specs;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const auto& shape = tensors[i].shape();
            specs.push_back({shape, std::make_shared<const Placement>(mesh, i < axes.size() ? axes[i] : shape.axes)});
        }
        return specs;
    };
    return {.mesh = mesh,
            .name = graph.name,
            .parameters = specs(graph.parameters, {}),
            .results = specs(graph.results, graph.result_axes),
            .reuse = graph.reuse};
}

}  // namespace

std::string PjrtBackend::fingerprint() const {
    static const std::string host = processor();
    return fmt::format("pjrt {} {} {}", client_->plugin().fingerprint(), client_->platform_version(),
                       client_->type() == DeviceType::CPU ? host : "");
}

std::vector<DeviceInfo> PjrtBackend::devices() const {
    std::vector<DeviceInfo> found;
    found.reserve(static_cast<std::size_t>(client_->device_count()));
    for (int i = 0; i < client_->device_count(); ++i) found.push_back(client_->device_info(i));
    return found;
}

std::shared_ptr<Executable> PjrtBackend::compile(const Graph& graph, const Mesh& mesh, const XlaOptions& options) {
    const auto text = stablehlo(graph, mesh, {.cpu_forms = client_->type() == DeviceType::CPU});
    auto program = described(graph, mesh);
    program.text = text;
    program.constant_inputs = has_constant_inputs(graph);
    return compile_text(program, options);
}

std::shared_ptr<Executable> PjrtBackend::load(const Graph& graph, const Mesh& mesh, std::string_view serialized) {
    return std::make_shared<PjrtExecutable>(client_, described(graph, mesh), serialized);
}

}  // namespace podium
