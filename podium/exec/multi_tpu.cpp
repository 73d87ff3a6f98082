#include "podium/exec/multi_tpu.h"

#include <array>

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/exec/evaluate.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

constexpr std::array KINDS{DeviceType::TPU, DeviceType::CUDA, DeviceType::CPU};

DeviceType best_kind() {
    for (const auto kind : KINDS)
        if (Device(kind).is_available()) return kind;
    fail(Code::UNAVAILABLE, "no plugin was found for a TPU, CUDA or the CPU; run podium devices");
}

/// Returns 1 + 1, computed on the device behind what it was given before.
Tensor last_word(const Device& device) {
    const Tensor one = put(HostArray::scalar(1.0F), device);
    return one + one;
}

}  // namespace

Mesh setup_multi_tpu(std::int64_t count) {
    const auto kind = best_kind();
    const auto found = static_cast<std::int64_t>(backend_for(Mesh(Device(kind)))->devices().size());
    if (kind != DeviceType::CPU && count > found)
        fail(Code::INVALID_ARGUMENT, "setup_multi_tpu: {} devices were asked for, there are {} of {}", count, found,
             name(kind));
    return {{{"data", count == 0 ? found : count}}, {kind, {}}};
}

void cleanup_multi_tpu(const Mesh& mesh) {
    synchronize_tpu(mesh);
    clear_compiled();
}

Device get_tpu_device(int index) {
    const Device device(best_kind(), index);
    if (!device.is_available()) fail(Code::UNAVAILABLE, "get_tpu_device: there is no {}", to_string(device));
    return device;
}

void synchronize_tpu(const Mesh& mesh) {
    Tensors words;
    for (const int index : mesh.devices()) words.push_back(last_word(Device(mesh.type(), index)));
    for (const auto& word : words) wait_for(std::span(&word, 1));
}

std::vector<TpuStatus> get_tpu_status(const Mesh& mesh) {
    const auto backend = backend_for(mesh);
    std::vector<TpuStatus> all;
    for (const auto& info : backend->devices()) {
        if (std::find(mesh.devices().begin(), mesh.devices().end(), info.device.index) == mesh.devices().end())
            continue;
        TpuStatus status{.device = info.device, .kind = info.kind, .memory = backend->memory_stats(info.device.index)};
        try {
            status.responds = last_word(info.device).item<float>() == 2;
            if (!status.responds) status.problem = "it computes 1 + 1 wrongly";
        } catch (const Error& error) {
            status.problem = error.message();
        }
        all.push_back(std::move(status));
    }
    return all;
}

}  // namespace podium
