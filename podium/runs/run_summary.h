#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/runs/run_log.h"

namespace podium {

/// Returns "training", "interrupted" (killed, or nothing said why), or what the last `end` line says: "done",
/// "preempted", the name of an error's code.
std::string state_of(const std::filesystem::path& run, const RunLog& log);

/// A run in a few numbers.
struct RunSummary {
    std::filesystem::path folder;
    std::string state;  ///< as `state_of` says
    RunTotals totals;
    std::int64_t planned_steps = 0;               ///< of the config; 0 where it says none
    std::optional<double> loss;                   ///< of the last step
    std::optional<Point> best_validation_loss;    ///< where the held-out data's loss was lowest
    std::optional<std::int64_t> best_checkpoint;  ///< of those on the disk, the one with the lowest validation loss
    std::filesystem::path best_checkpoint_folder;
    std::vector<std::int64_t> checkpoints;
};
/// Returns the run's summary as its log stands.
RunSummary summary_of(const std::filesystem::path& run, const RunLog& log);

/// Returns the values of the run's config.yaml by path ("optimizer.learning_rate"), as they are written there.
/// Throws INVALID_CONFIG.
std::map<std::string, std::string> config_values(const std::filesystem::path& run);

/// A value in which configs differ: one text a run, empty where the run has none.
struct ConfigDifference {
    std::string path;
    std::vector<std::string> values;
};
std::vector<ConfigDifference> config_differences(const std::vector<std::filesystem::path>& runs);

}  // namespace podium
