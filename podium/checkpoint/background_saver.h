#pragma once

#include <filesystem>
#include <future>
#include <vector>

#include "podium/checkpoint/checkpoint.h"

namespace podium::checkpoint {

/// Saves beside the training loop, one snapshot at a time. Used from one thread. What a save threw comes out of the
/// next call of `submit`, `poll` or `wait`.
class BackgroundSaver {
public:
    explicit BackgroundSaver(std::filesystem::path run, SaveOptions options = {});
    BackgroundSaver(const BackgroundSaver&) = delete;
    BackgroundSaver& operator=(const BackgroundSaver&) = delete;
    /// Waits for the running save; an error that nobody asked for is logged.
    ~BackgroundSaver();

    /// Begins to save and returns; waits first where the save before is still running.
    void submit(Snapshot snapshot);
    /// Returns what was saved since the last call, without waiting.
    std::vector<Saved> poll();
    /// Waits until nothing is being saved.
    void wait();

private:
    std::filesystem::path run_;
    SaveOptions options_;
    std::future<Saved> running_;
    std::vector<Saved> finished_;
};

}  // namespace podium::checkpoint
