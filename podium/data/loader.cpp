#include "podium/data/loader.h"

#include <utility>

namespace podium::data {

Loader::Loader(Produce produce, std::uint64_t cursor, std::int64_t batch, std::size_t depth)
    : produce_(std::move(produce)), depth_(depth) {
    if (batch <= 0 || depth == 0)
        fail(Code::INVALID_ARGUMENT, "loader: batch {} and depth {} must be positive", batch, depth);
    thread_ = std::jthread(
        [this, cursor, batch](const std::stop_token& stop) { run(stop, cursor, static_cast<std::uint64_t>(batch)); });
}

void Loader::run(const std::stop_token& stop, std::uint64_t cursor, std::uint64_t batch) {
    try {
        for (;; cursor += batch) {
            {
                std::unique_lock lock(mutex_);
                if (!changed_.wait(lock, stop, [&] { return ready_.size() < depth_; })) return;
            }
            Batch made = produce_(cursor);
            const std::lock_guard lock(mutex_);
            ready_.push_back(std::move(made));
            changed_.notify_all();
        }
    } catch (...) {
        const std::lock_guard lock(mutex_);
        error_ = std::current_exception();
        changed_.notify_all();
    }
}

Batch Loader::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || error_; });
    if (ready_.empty()) std::rethrow_exception(error_);
    Batch batch = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return batch;
}

}  // namespace podium::data
