#include "podium/runtime/device.h"

#include <array>
#include <charconv>

#include "podium/base/error.h"
#include "podium/base/nearest.h"

namespace podium {
namespace {

constexpr std::array<std::string_view, 9> KINDS{"cpu",    "cuda",   "rocm",  "tpu",   "edgetpu",
                                                "webgpu", "opencl", "metal", "interp"};

DeviceType type_named(std::string_view kind) {
    for (std::size_t i = 0; i < KINDS.size(); ++i)
        if (KINDS[i] == kind) return static_cast<DeviceType>(i);
    const std::vector<std::string> kinds(KINDS.begin(), KINDS.end());
    const auto near = nearest(kind, kinds);
    fail(Code::INVALID_ARGUMENT, "device: unknown kind \"{}\"; {}", kind,
         near.empty() ? "kinds are cpu, cuda, rocm, tpu, edgetpu, webgpu, opencl, metal, interp"
                      : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace

std::string_view name(DeviceType type) { return KINDS[static_cast<std::size_t>(type)]; }

Device::Device(std::string_view text) {
    const auto colon = text.find(':');
    type = type_named(text.substr(0, colon));
    if (colon == std::string_view::npos) return;
    const auto digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc() || end != digits.data() + digits.size() || index < 0)
        fail(Code::INVALID_ARGUMENT, "device: \"{}\" is not kind[:index]; write \"{}:0\"", text, name(type));
}

std::string to_string(const Device& device) { return fmt::format("{}:{}", name(device.type), device.index); }

DeviceSet devices(std::string_view kind) {
    const Device device(kind);
    if (kind.find(':') != std::string_view::npos) return {device.type, {device.index}};
    return {device.type, {}};
}

}  // namespace podium
