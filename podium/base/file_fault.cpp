#include "podium/base/file_fault.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "podium/base/error.h"

namespace podium {
namespace {

constexpr std::array<std::string_view, 5> OPERATIONS{"CREATE", "WRITE", "FSYNC", "RENAME", "SYNC_DIRECTORY"};

std::shared_ptr<const FileFaultHook> hook_from_environment() {
    const char* const text = std::getenv("PODIUM_FAULT");
    return text == nullptr ? nullptr : std::make_shared<const FileFaultHook>(parse_file_fault(text));
}

/// The process's hook, and the lock that guards the pointer (not the call).
struct Seam {
    std::mutex mutex;
    std::shared_ptr<const FileFaultHook> hook = hook_from_environment();
};
Seam& seam() {
    static Seam the_seam;
    return the_seam;
}

}  // namespace

void set_file_fault_hook(FileFaultHook hook) {
    auto shared = hook ? std::make_shared<const FileFaultHook>(std::move(hook)) : nullptr;
    const std::lock_guard lock(seam().mutex);
    seam().hook = std::move(shared);
}

int injected_file_fault(FileOperation operation, const std::filesystem::path& path) {
    std::shared_ptr<const FileFaultHook> hook;
    {
        const std::lock_guard lock(seam().mutex);
        hook = seam().hook;
    }
    return hook == nullptr ? 0 : (*hook)(operation, path);
}

FileFaultHook parse_file_fault(std::string_view text) {
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first != text.npos && second != text.npos) {
        const auto action = text.substr(0, first);
        const auto operation = std::ranges::find(OPERATIONS, text.substr(first + 1, second - first - 1));
        const char* const end = text.data() + text.size();
        int nth = 0;
        const auto parsed = std::from_chars(text.data() + second + 1, end, nth);
        if ((action == "kill" || action == "enospc") && operation != OPERATIONS.end() && parsed.ec == std::errc() &&
            parsed.ptr == end && nth > 0) {
            const auto point = static_cast<FileOperation>(operation - OPERATIONS.begin());
            auto seen = std::make_shared<std::atomic<int>>(0);
            return [=, kill = action == "kill"](FileOperation at, const std::filesystem::path&) {
                if (at != point || ++*seen != nth) return 0;
                if (kill) std::raise(SIGKILL);
                return ENOSPC;
            };
        }
    }
    fail(Code::INVALID_ARGUMENT, "PODIUM_FAULT: \"{}\" is not kill:OPERATION:N or enospc:OPERATION:N with one of {}",
         text, fmt::join(OPERATIONS, ", "));
}

}  // namespace podium
