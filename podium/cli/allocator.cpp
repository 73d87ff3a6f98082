// The command's memory: mimalloc in place of malloc, also for the plugins it loads.
//
// XLA's CPU plugin takes the temporaries of each step from malloc and gives them back after it. glibc returns such
// blocks to the system, which then clears tens of thousands of pages anew in every step. Here
//  - large blocks lie in an arena of their own, which keeps its pages, of 2 MiB where the kernel has them; small blocks
//    beside them would cut it up, so that the next step's temporaries would not fit where the last ones were;
//  - the rest is returned to the system RELEASE_DELAY_MS after it was freed, longer than a step lasts: what compiling
//    took does not stay.
// The library does without this file, and so do sanitizers, which bring their own malloc.
#include <mimalloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "podium/exec/compile.h"

namespace podium {
namespace {

constexpr std::size_t LARGE = std::size_t{32} << 20;
constexpr std::size_t ALIGNMENT = std::size_t{64} << 20;  // at least that of mimalloc's segments
constexpr long RELEASE_DELAY_MS = 1000;

mi_arena_id_t large_arena;
bool has_arena = false;

/// Reserves address space as large as the machine's memory; pages come when they are touched. Where the system refuses,
/// large blocks are like others.
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
    has_arena = mi_manage_os_memory_ex(start, size, /*is_committed=*/true, /*is_large=*/false, /*is_zero=*/true, -1,
                                       /*exclusive=*/true, &large_arena);
    return has_arena;
}

/// Runs before main: nothing large is allocated yet.
[[maybe_unused]] const bool RESERVED = reserve_arena();

/// Returns a block in the arena; null for a small one, and where the arena is full.
void* large_block(std::size_t alignment, std::size_t size) {
    if (size < LARGE || !has_arena) return nullptr;
    thread_local mi_heap_t* const heap = mi_heap_new_in_arena(large_arena);  // goes with its thread
    return heap == nullptr ? nullptr : mi_heap_malloc_aligned(heap, size, alignment);
}

}  // namespace
}  // namespace podium

// These come before mimalloc's own of the same names; its `free` takes what they give.
extern "C" {

void* malloc(std::size_t size) {
    void* const block = podium::large_block(alignof(std::max_align_t), size);
    return block != nullptr ? block : mi_malloc(size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    void* const block = podium::large_block(alignment, size);
    return block != nullptr ? block : mi_aligned_alloc(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    void* const block = podium::large_block(alignment, size);
    if (block == nullptr) return mi_posix_memalign(result, alignment, size);
    *result = block;
    return 0;
}

}  // extern "C"
