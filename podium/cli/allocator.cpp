// The command's memory: mimalloc in place of malloc, also for the plugins it loads, over one arena of huge pages.
//
// XLA's CPU plugin takes the temporaries of each step from malloc and gives them back after it. glibc returns such
// large blocks to the system, which then clears tens of thousands of pages anew in every step. Here freed memory stays
// with the process for RELEASE_DELAY_MS before it is returned, longer than a step lasts, and pages are of 2 MiB where
// the kernel has them. The library does without this file, and so do sanitizers, which bring their own malloc.
#include <mimalloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "podium/exec/compile.h"

namespace podium {
namespace {

constexpr std::size_t ALIGNMENT = std::size_t{64} << 20;  // at least a segment of mimalloc's
constexpr long RELEASE_DELAY_MS = 5000;

/// Gives mimalloc address space for all of the machine's memory; pages come when they are touched. Where the system
/// refuses, mimalloc asks it for memory piece by piece as usual.
bool reserve_arena() {
    set_after_compile([] { mi_collect(/*force=*/true); });
    mi_option_set(mi_option_decommit_delay, RELEASE_DELAY_MS);
    mi_option_set(mi_option_segment_decommit_delay, RELEASE_DELAY_MS);
    const auto physical = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(getpagesize());
    const std::size_t size = physical / ALIGNMENT * ALIGNMENT;
    void* const space =
        mmap(nullptr, size + ALIGNMENT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) return false;
    const auto address = reinterpret_cast<std::uintptr_t>(space);
    auto* const start = static_cast<std::byte*>(space) + (ALIGNMENT - address % ALIGNMENT) % ALIGNMENT;
    madvise(start, size, MADV_HUGEPAGE);  // a kernel without huge pages says no, and small ones do
    return mi_manage_os_memory(start, size, /*is_committed=*/true, /*is_large=*/false, /*is_zero=*/true, -1);
}

/// Runs before main: nothing large is allocated yet.
[[maybe_unused]] const bool RESERVED = reserve_arena();

}  // namespace
}  // namespace podium
