#include "podium/exec/peak.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/base/user_folder.h"
#include "podium/catalog/chips.h"
#include "podium/exec/backends.h"
#include "podium/exec/jit.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t SIZE = 1024;  // of the matrices: larger ones are no faster on a CPU
constexpr auto LONG_ENOUGH = std::chrono::seconds(1);
constexpr int LEAST_PRODUCTS = 5;

/// Returns where the measured peak of devices like this one is kept; empty where there is no such folder.
std::filesystem::path file_of(const Backend& backend, const DeviceInfo& info) {
    const auto folder = user_cache_folder("peaks");
    if (folder.empty()) return {};
    const auto key = fmt::format("{}\n{}", backend.fingerprint(), info.kind);
    return folder / fmt::format("{:016x}", XXH3_64bits(key.data(), key.size()));
}

DeviceInfo info_of(const Backend& backend, Device device) {
    for (auto& info : backend.devices())
        if (info.device == device) return info;
    fail(Code::UNAVAILABLE, "there is no device {}", to_string(device));
}

std::optional<double> measured_before(const std::filesystem::path& file) {
    if (file.empty() || !std::filesystem::exists(file)) return std::nullopt;
    try {
        const auto text = read_file(file);
        double flops = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), flops);
        if (error == std::errc() && std::isfinite(flops) && flops > 0) return flops;
    } catch (const Error& error) {
        logger().debug("peak: {}", error.message());
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> peak_flops(const Mesh& mesh) {
    const auto backend = backend_for(mesh);
    const auto info = info_of(*backend, Device(mesh.type(), mesh.devices().front()));
    const auto count = static_cast<double>(mesh.type() == DeviceType::CPU ? 1 : mesh.size());
    for (const auto& chip : catalog::chips())
        if (std::ranges::find(chip.kinds, info.kind) != chip.kinds.end()) return chip.bf16_flops / chip.devices * count;
    const auto measured = measured_before(file_of(*backend, info));
    return measured ? std::optional(*measured * count) : std::nullopt;
}

double measure_peak(Device device) {
    const auto backend = backend_for(Mesh(device));
    const auto info = info_of(*backend, device);
    const DeviceScope scope(device);
    const auto product = jit([](const Tensor& a, const Tensor& b) { return matmul(a, b); });
    const Tensor a = uniform(key(1), {SIZE, SIZE}), b = uniform(key(2), {SIZE, SIZE});
    block_until_ready(product(a, b));
    double best_s = INFINITY;
    const auto began = Clock::now();
    for (int i = 0; i < LEAST_PRODUCTS || Clock::now() - began < LONG_ENOUGH; ++i) {
        const auto start = Clock::now();
        block_until_ready(product(a, b));
        best_s = std::min(best_s, std::chrono::duration<double>(Clock::now() - start).count());
    }
    const double flops = 2.0 * SIZE * SIZE * SIZE / best_s;
    if (const auto file = file_of(*backend, info); !file.empty()) try {
            make_directories(file.parent_path());
            write_atomically(file, fmt::format("{:.6g}\n", flops));
        } catch (const Error& error) {
            logger().debug("peak: {}", error.message());
        }
    return flops;
}

}  // namespace podium
