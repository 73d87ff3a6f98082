#pragma once

#include <filesystem>

#include "podium/runs/run_files.h"

namespace podium::train {

/// A run's folder, locked against other processes as long as this lives: config.yaml, metrics.jsonl, checkpoints/,
/// best/.
class RunFolder {
public:
    /// Makes a new run folder. Throws INVALID_ARGUMENT where there is something in it already, or it cannot be made.
    static RunFolder create(const std::filesystem::path& path);
    /// Opens an existing run. Throws INVALID_ARGUMENT where there is none, or another process trains in it.
    static RunFolder open(const std::filesystem::path& path);
    RunFolder(RunFolder&& other) noexcept;
    RunFolder& operator=(RunFolder&&) = delete;
    ~RunFolder();

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path config() const { return config_of(path_); }
    std::filesystem::path metrics() const { return metrics_of(path_); }
    std::filesystem::path best() const { return best_of(path_); }

    /// Throws INVALID_ARGUMENT unless there is nothing at `path` or an empty folder.
    static void expect_new(const std::filesystem::path& path);

private:
    explicit RunFolder(std::filesystem::path path);

    std::filesystem::path path_;
    int lock_;
};

}  // namespace podium::train
