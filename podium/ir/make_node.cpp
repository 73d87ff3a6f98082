#include "podium/ir/make_node.h"

#include <new>
#include <utility>

#include "podium/base/platform.h"

namespace podium {
namespace {

constexpr std::size_t MOST_SPARES = ADDRESS_SANITIZED ? 0 : 4096;

/// Memory of a node that was given back.
struct Spare {
    Spare* next;
};

// Of this thread. Nodes come and go by the hundred at each call of a jitted function, and are of a size that malloc
// joins with its neighbours and splits again.
thread_local Spare* first_spare = nullptr;
thread_local std::size_t spare_count = 0;

void* take_spare() {
    if (first_spare == nullptr) return nullptr;
    --spare_count;
    return std::exchange(first_spare, first_spare->next);
}

/// Frees a thread's spares when it ends; nodes that go after that are freed at once.
struct Sweeper {
    Sweeper() = default;
    Sweeper(const Sweeper&) = delete;
    Sweeper& operator=(const Sweeper&) = delete;
    ~Sweeper() {
        while (first_spare != nullptr) ::operator delete(take_spare());
        spare_count = MOST_SPARES;
    }
    bool is_needed = true;
};
thread_local Sweeper sweeper;

/// Gives out memory of one size: that of a node and its counts.
template <class T>
struct NodeAllocator {
    using value_type = T;
    NodeAllocator() = default;
    template <class U>
    NodeAllocator(const NodeAllocator<U>&) {}

    T* allocate(std::size_t) {
        void* const spare = take_spare();
        return static_cast<T*>(spare != nullptr ? spare : ::operator new(sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) {
        if (spare_count >= MOST_SPARES) return ::operator delete(memory);
        if (spare_count++ == 0) sweeper.is_needed = true;  // which makes it
        first_spare = new (static_cast<void*>(memory)) Spare{first_spare};
    }
};

}  // namespace

std::shared_ptr<Node> make_node() { return std::allocate_shared<Node>(NodeAllocator<Node>()); }

}  // namespace podium
