#pragma once

#include <filesystem>
#include <memory>

#include "podium/train/saved_state.h"

namespace podium::train {

/// One of a run's checkpoints, its parameters on one device.
struct StoredRun {
    TrainConfig config;
    std::int64_t step = 0;
    std::unique_ptr<Programs> programs;
    Tree parameters;
    std::shared_ptr<const Tokenizer> tokenizer;  ///< null where the run reads bytes
};
/// Returns the run with its newest good checkpoint, or the one of the least validation loss; `device` replaces the
/// stored one where it is given. Throws INVALID_ARGUMENT where there is no run,
/// CHECKPOINT_CORRUPT where it has no good checkpoint.
StoredRun open_stored(const std::filesystem::path& run, const std::string& device = {}, bool best = false);

}  // namespace podium::train
