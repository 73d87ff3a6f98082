// The command's memory: glibc's malloc, and for large blocks a region that keeps its pages.
//
// XLA's CPU plugin takes the temporaries of each step from malloc and gives them back after it. glibc returns such
// blocks to the system, which then clears tens of thousands of pages anew in every step. Here blocks of LARGE and more
// lie side by side in a region of address space, lowest place first, and what is freed is used again with its pages,
// of 2 MiB where the kernel has them. Blocks of GIANT and more have a region of their own: in one region a smaller
// block now and then took the place of the step's temporaries, which then took new pages beside it. There a block also
// waits for the one of its size: XLA says that a step is done a moment before it gives back the step's temporaries,
// and the next step's would lie beside them. Small blocks stay with glibc, which gives back what a compilation leaves
// in all threads when asked; mimalloc, tried first, cannot do that for other threads, and a step then took 200 MB more.
// The library does without this file, and so do sanitizers, which bring their own malloc.
#include <dlfcn.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>

#include "podium/exec/compile.h"

// glibc's names, of the functions that ours stand before.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace podium {
namespace {

constexpr std::size_t LARGE = std::size_t{1} << 20;
constexpr std::size_t GIANT = std::size_t{16} << 20;
constexpr std::size_t GRAIN = 64;  // blocks begin at multiples of it: a cache line
// Room after each block, so that blocks of 4 MiB do not all begin in the same set of a cache.
constexpr std::size_t STAGGER = 4096 + 5 * GRAIN;
constexpr std::size_t HUGE_PAGE = std::size_t{2} << 20;

// NOLINTNEXTLINE(performance-no-int-to-ptr): addresses are numbers to the bookkeeping.
void* pointer(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

/// Large blocks. Its own bookkeeping is small, and so lies with glibc.
class Region {
public:
    /// A block of a size of which there was never more than one waits so long for that one to be given back.
    explicit Region(std::chrono::milliseconds patience) : patience_(patience) {}

    /// Reserves address space as large as the machine's memory; pages come when they are touched.
    bool reserve() {
        const auto physical =
            static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(getpagesize());
        const std::size_t size = physical / HUGE_PAGE * HUGE_PAGE;
        void* const space =
            mmap(nullptr, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (space == MAP_FAILED) return false;
        const auto start = (reinterpret_cast<std::uintptr_t>(space) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        madvise(pointer(start), size, MADV_HUGEPAGE);  // a kernel without them says no: small pages do
        free_.emplace(start, size);
        start_ = start;
        end_ = start + size;
        return true;
    }

    bool holds(const void* block) const {
        const auto at = reinterpret_cast<std::uintptr_t>(block);
        return at >= start_ && at < end_;
    }

    /// Returns the lowest place that fits, or null.
    void* take(std::size_t size) {
        const std::size_t wanted = (size + GRAIN - 1) / GRAIN * GRAIN + STAGGER;
        std::unique_lock lock(mutex_);
        auto& same = of_size_[wanted];
        if (same.taken == 1 && same.most == 1 && same.came_back)
            came_back_.wait_for(lock, patience_, [&] { return same.taken == 0; });
        for (auto range = free_.begin(); range != free_.end(); ++range) {
            const auto [at, available] = *range;
            if (available < wanted) continue;
            free_.erase(range);
            if (available > wanted) free_.emplace(at + wanted, available - wanted);
            taken_.emplace(at, wanted);
            same.most = std::max(same.most, ++same.taken);
            return pointer(at);
        }
        return nullptr;
    }

    void give_back(void* block) {
        const std::lock_guard lock(mutex_);
        const auto found = taken_.find(reinterpret_cast<std::uintptr_t>(block));
        auto [at, size] = *found;
        taken_.erase(found);
        auto& same = of_size_[size];
        --same.taken;
        same.came_back = true;
        came_back_.notify_all();
        auto next = free_.lower_bound(at);
        if (next != free_.end() && at + size == next->first) {
            size += next->second;
            next = free_.erase(next);
        }
        if (next != free_.begin()) {
            if (const auto before = std::prev(next); before->first + before->second == at) {
                before->second += size;
                return;
            }
        }
        free_.emplace(at, size);
    }

    std::size_t size_of(const void* block) {
        const std::lock_guard lock(mutex_);
        return taken_.at(reinterpret_cast<std::uintptr_t>(block));
    }

private:
    struct OfSize {
        int taken = 0, most = 0;
        bool came_back = false;
    };

    std::chrono::milliseconds patience_;
    std::uintptr_t start_ = 0, end_ = 0;
    std::mutex mutex_;
    std::condition_variable came_back_;
    std::map<std::size_t, OfSize> of_size_;
    std::map<std::uintptr_t, std::size_t> free_, taken_;
};

/// They live as long as the process: blocks are freed after the last destructor too.
Region *large = nullptr, *giant = nullptr;

Region* reserved(std::chrono::milliseconds patience) {
    auto* const made = new Region(patience);
    return made->reserve() ? made : nullptr;
}

/// Runs before main; until then, and where the system refuses the space, all blocks are glibc's.
[[maybe_unused]] const bool RESERVED = [] {
    set_after_compile([] { malloc_trim(0); });
    large = reserved(std::chrono::milliseconds(0));
    giant = reserved(std::chrono::milliseconds(20));
    return large != nullptr && giant != nullptr;
}();

/// Returns the region that the block lies in; null for glibc's.
Region* region_of(const void* block) {
    if (large != nullptr && large->holds(block)) return large;
    return giant != nullptr && giant->holds(block) ? giant : nullptr;
}

/// Returns a large block in the region; null for a small one, a wide alignment, and where the region is full.
void* large_block(std::size_t alignment, std::size_t size) {
    Region* const region = size < GIANT ? large : giant;
    return size < LARGE || alignment > GRAIN || region == nullptr ? nullptr : region->take(size);
}

void* aligned_block(std::size_t alignment, std::size_t size) {
    void* const block = large_block(alignment, size);
    return block != nullptr ? block : __libc_memalign(alignment, size);
}

}  // namespace
}  // namespace podium

extern "C" {

/// Tells `podium doctor` that this file is linked in.
extern const char podium_keeps_large_blocks;
const char podium_keeps_large_blocks = 1;

void* malloc(std::size_t size) {
    void* const block = podium::large_block(1, size);
    return block != nullptr ? block : __libc_malloc(size);
}

void free(void* block) {
    if (auto* const region = podium::region_of(block); region != nullptr)
        region->give_back(block);
    else
        __libc_free(block);
}

void* calloc(std::size_t count, std::size_t size) {
    std::size_t total = 0;
    void* const block = __builtin_mul_overflow(count, size, &total) ? nullptr : podium::large_block(1, total);
    return block != nullptr ? std::memset(block, 0, total) : __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
    auto* const region = podium::region_of(block);
    if (region == nullptr) return __libc_realloc(block, size);
    const std::size_t before = region->size_of(block);
    if (size > 0 && size <= before && size >= podium::LARGE) return block;
    void* const moved = size == 0 ? nullptr : malloc(size);
    if (moved != nullptr) std::memcpy(moved, block, before < size ? before : size);
    if (moved != nullptr || size == 0) free(block);
    return moved;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return podium::aligned_block(alignment, size); }
void* memalign(std::size_t alignment, std::size_t size) { return podium::aligned_block(alignment, size); }

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    void* const block = podium::aligned_block(alignment, size);
    if (block == nullptr && size > 0) return ENOMEM;
    *result = block;
    return 0;
}

std::size_t malloc_usable_size(void* block) {
    using Function = std::size_t (*)(void*);
    static const auto glibc = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "malloc_usable_size"));
    auto* const region = podium::region_of(block);
    return region != nullptr ? region->size_of(block) : glibc(block);
}

}  // extern "C"
