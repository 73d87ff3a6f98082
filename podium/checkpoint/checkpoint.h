#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "podium/checkpoint/snapshot.h"

namespace podium::checkpoint {

// A checkpoint is a folder RUN/checkpoints/STEP (eight digits or more) with safetensors files and manifest.json. It is
// written under a temporary name, synced, and renamed: what has its name is whole. One process at a time may save.

struct SaveOptions {
    int keep_last = 3;  ///< how many checkpoints stay; at least 1
};

/// What one save did.
struct Saved {
    std::int64_t step = 0;
    std::filesystem::path folder;
    std::uint64_t size_bytes = 0;  ///< of the tensors
    double duration_s = 0;
};

/// Commits `snapshot`, replacing one of the same step; then removes those before it beyond `keep_last`, and whatever a
/// crash had left. On an error (a full disk is RESOURCE_EXHAUSTED) nothing committed has changed.
Saved save(const std::filesystem::path& run, const Snapshot& snapshot, SaveOptions options = {});

/// One committed checkpoint, good or damaged.
struct Entry {
    std::int64_t step;
    std::filesystem::path folder;
};
/// Returns the run's checkpoints, oldest first; empty where there is none.
std::vector<Entry> list(const std::filesystem::path& run);

/// A checkpoint that was passed over, and why.
struct Skipped {
    std::string name;
    std::string reason;
};

/// A verified snapshot, its tensors mapped from the files.
struct Loaded {
    Snapshot snapshot;
    std::filesystem::path folder;
    std::vector<Skipped> skipped;  ///< newer ones that are damaged, newest first
};

/// Returns the newest checkpoint whose every tensor has its hash. Throws CheckpointCorrupt, with all reasons, where
/// none is good, and NOT_FOUND where there is none.
Loaded load_newest(const std::filesystem::path& run);
/// Returns the checkpoint of that step; throws NOT_FOUND, naming those there are, or CheckpointCorrupt.
Loaded load(const std::filesystem::path& run, std::int64_t step);

}  // namespace podium::checkpoint
