#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "podium/data/batch.h"

namespace podium::data {

/// Makes batches ahead of their use, in order, in one thread of its own.
class Loader {
public:
    /// Returns the batch whose first sample is `cursor`; called from the loader's thread only.
    using Produce = std::function<Batch(std::uint64_t cursor)>;

    /// Starts at `cursor`; each batch advances it by `batch`. At most `depth` finished batches wait.
    Loader(Produce produce, std::uint64_t cursor, std::int64_t batch, std::size_t depth = 2);
    /// Waits for the batch that is being made, and for no other.
    ~Loader() = default;
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// Returns the next batch, waiting for it. What `produce` threw is thrown here once the batches before it are
    /// taken, and again at every later call.
    Batch next();

private:
    void run(const std::stop_token& stop, std::uint64_t cursor, std::uint64_t batch);

    Produce produce_;
    std::size_t depth_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Batch> ready_;
    std::exception_ptr error_;
    std::jthread thread_;  // last: stops and joins before the rest goes
};

}  // namespace podium::data
