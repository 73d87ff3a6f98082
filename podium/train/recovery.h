#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/train/train_config.h"

namespace podium::train {

/// One thing to try after an error: which code, how often, and what changes. Rows of a code are tried in their order.
struct RecoveryRow {
    Code code;
    std::string_view remedy;  ///< its name in events
    int times;                ///< at most, until a later step than the failed one is saved
    std::string_view what;    ///< for people
    /// Changes the config that the run goes on with; false where the remedy does not apply to it.
    bool (*apply)(TrainConfig& config);
};
/// Returns the table.
std::span<const RecoveryRow> recovery_table();
/// Returns the row of that remedy; throws NOT_FOUND.
const RecoveryRow& recovery_row(std::string_view remedy);

/// What is tried next.
struct Recovery {
    const RecoveryRow* row;
    TrainConfig config;
};

/// Walks the table for the errors of one run, and counts.
class TpuErrorHandler {
public:
    /// Returns what is tried after `error`, which stopped the run of `config` after `step`; nothing where the table has
    /// no more for it. `saved`: the newest checkpoint's step, 0 where there is none.
    std::optional<Recovery> next(const Error& error, const TrainConfig& config, std::int64_t step, std::int64_t saved);
    /// Returns what was tried for that code since the last progress; empty for nothing.
    std::string tried(Code code) const;

private:
    std::vector<int> counts_ = std::vector<int>(recovery_table().size());
    std::int64_t trouble_step_ = 0;
};

}  // namespace podium::train
