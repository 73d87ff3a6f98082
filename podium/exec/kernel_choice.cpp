#include "podium/exec/kernel_choice.h"

#include <xxhash.h>

#include <atomic>

#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/base/user_folder.h"
#include "podium/emit/kernel.h"
#include "podium/exec/backends.h"

namespace podium {
namespace {

constexpr std::string_view FASTER = "podium\n", SLOWER = "xla\n";

std::atomic<KernelChoice> chosen = KernelChoice::MEASURED;

/// Returns where the measurement with plugins and processors like this one is kept; empty without a cache folder.
std::filesystem::path file_of(const Backend& backend) {
    const auto folder = user_cache_folder("kernels");
    if (folder.empty()) return {};
    const auto key = backend.fingerprint();
    return folder / fmt::format("{:016x}", XXH3_64bits(key.data(), key.size()));
}

}  // namespace

KernelChoice kernel_choice_named(std::string_view name) {
    if (name == "measured") return KernelChoice::MEASURED;
    if (name == "xla") return KernelChoice::XLA;
    if (name == "podium") return KernelChoice::PODIUM;
    fail(Code::INVALID_ARGUMENT, "kernels: there is no choice \"{}\"; take measured, xla or podium", name);
}

void choose_kernels(KernelChoice choice) {
    chosen = choice;
    set_kernels(choice == KernelChoice::PODIUM);
    if (choice == KernelChoice::MEASURED) apply_kernel_choice(*backend_for(Mesh(Device(DeviceType::CPU))));
}

void keep_kernels(bool are_faster) {
    const auto file = file_of(*backend_for(Mesh(Device(DeviceType::CPU))));
    if (file.empty()) return;
    try {
        make_directories(file.parent_path());
        write_atomically(file, are_faster ? FASTER : SLOWER);
    } catch (const Error& error) {
        logger().debug("kernels: {}", error.message());
    }
}

void apply_kernel_choice(const Backend& cpu) {
    if (chosen != KernelChoice::MEASURED) return;
    const auto file = file_of(cpu);
    try {
        set_kernels(!file.empty() && std::filesystem::exists(file) && read_file(file) == FASTER);
    } catch (const Error& error) {
        logger().debug("kernels: {}", error.message());
    }
}

}  // namespace podium
