#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace podium {

// A run's folder: config.yaml, metrics.jsonl, checkpoints/STEP/, tokenizer.json where its text is not read as bytes,
// and a lock that its trainer holds.

inline std::filesystem::path config_of(const std::filesystem::path& run) { return run / "config.yaml"; }
inline std::filesystem::path metrics_of(const std::filesystem::path& run) { return run / "metrics.jsonl"; }
inline std::filesystem::path tokenizer_of(const std::filesystem::path& run) { return run / "tokenizer.json"; }
/// Returns the folder whose checkpoints/ holds the one of the least validation loss.
inline std::filesystem::path best_of(const std::filesystem::path& run) { return run / "best"; }
inline std::filesystem::path lock_of(const std::filesystem::path& run) { return run / "lock"; }

/// True if there is a run at `path`: a folder with a config.
bool is_run(const std::filesystem::path& path);
/// Throws INVALID_ARGUMENT, saying what is wrong, unless there is a run at `path`.
void expect_run(const std::filesystem::path& path);
/// Returns the runs at and below `folder`, by path; none below another run.
std::vector<std::filesystem::path> find_runs(const std::filesystem::path& folder);

/// True while a process on this machine trains in the run. It only looks: it never holds the lock itself.
bool is_training(const std::filesystem::path& run);

/// Returns the steps of the run's committed checkpoints, in order.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& run);

}  // namespace podium
