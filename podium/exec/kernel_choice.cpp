#include "podium/exec/kernel_choice.h"

#include <xxhash.h>

#include <atomic>
#include <sstream>

#include "podium/base/file.h"
#include "podium/base/log.h"
#include "podium/base/user_folder.h"
#include "podium/exec/backends.h"

namespace podium {
namespace {

constexpr KernelUse ALL{.loops = true, .library = {.products = true, .convolutions = true, .attention = true}};
/// The file's words; "podium" is from when there were loops only.
constexpr std::string_view LOOPS = "loops", PRODUCTS = "products", CONVOLUTIONS = "convolutions",
                           ATTENTION = "attention", EARLIER = "podium";

std::atomic<KernelChoice> chosen = KernelChoice::MEASURED;

/// Returns where the measurement with plugins and processors like this one is kept; empty without a cache folder.
std::filesystem::path file_of(const Backend& backend) {
    const auto folder = user_cache_folder("kernels");
    if (folder.empty()) return {};
    const auto key = backend.fingerprint();
    return folder / fmt::format("{:016x}", XXH3_64bits(key.data(), key.size()));
}

std::string text_of(KernelUse use) {
    std::string text;
    for (const auto& [is_used, word] :
         {std::pair(use.loops, LOOPS), std::pair(use.library.products, PRODUCTS),
          std::pair(use.library.convolutions, CONVOLUTIONS), std::pair(use.library.attention, ATTENTION)})
        if (is_used) text += fmt::format("{}\n", word);
    return text;
}

KernelUse use_of(const std::string& text) {
    std::istringstream words(text);
    KernelUse use;
    for (std::string word; words >> word;) {
        use.loops = use.loops || word == LOOPS || word == EARLIER;
        use.library.products = use.library.products || word == PRODUCTS;
        use.library.convolutions = use.library.convolutions || word == CONVOLUTIONS;
        use.library.attention = use.library.attention || word == ATTENTION;
    }
    return use;
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
    set_kernels(choice == KernelChoice::PODIUM ? ALL : KernelUse());
    if (choice == KernelChoice::MEASURED) apply_kernel_choice(*backend_for(Mesh(Device(DeviceType::CPU))));
}

void keep_kernels(KernelUse faster) {
    const auto file = file_of(*backend_for(Mesh(Device(DeviceType::CPU))));
    if (file.empty()) return;
    try {
        make_directories(file.parent_path());
        write_atomically(file, text_of(faster));
    } catch (const Error& error) {
        logger().debug("kernels: {}", error.message());
    }
}

void apply_kernel_choice(const Backend& cpu) {
    if (chosen != KernelChoice::MEASURED) return;
    const auto file = file_of(cpu);
    try {
        set_kernels(!file.empty() && std::filesystem::exists(file) ? use_of(read_file(file)) : KernelUse());
    } catch (const Error& error) {
        logger().debug("kernels: {}", error.message());
    }
}

}  // namespace podium
