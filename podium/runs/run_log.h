#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "podium/events/event_tail.h"
#include "podium/runs/curve.h"

namespace podium {

/// What a run's lines say in all.
struct RunTotals {
    std::int64_t steps = 0;  ///< the last finished one
    std::int64_t warnings = 0, resumes = 0, recoveries = 0, checkpoints = 0;
    double step_seconds = 0, data_seconds = 0, eval_seconds = 0, save_seconds = 0, tokens = 0;  ///< of all steps
    std::optional<EventTime> began, latest;  ///< of the first and of the last line
    std::string end;                         ///< why the last session ended; empty where it did not say
    std::string last_warning;

    /// Returns the mean over the steps; 0 where there is none.
    double tokens_per_s() const { return step_seconds > 0 ? tokens / step_seconds : 0; }
};

/// A run's metrics.jsonl as curves by `scalar_name`, followed as it grows.
class RunLog {
public:
    explicit RunLog(const std::filesystem::path& run);

    /// Reads the lines committed since the last call; `visit` gets each. Throws as `EventTail::update`.
    void update(const std::function<void(const RunEvent&)>& visit = {});

    /// Returns the curve of that name; an empty one where there is none.
    const Curve& curve(const std::string& name) const;
    const std::map<std::string, Curve>& curves() const { return curves_; }
    const RunTotals& totals() const { return totals_; }
    /// Returns how often the file was found to be another one, as after a resume.
    std::int64_t generation() const { return generation_; }

private:
    void add(const RunEvent& event);

    EventTail tail_;
    std::map<std::string, Curve> curves_;
    RunTotals totals_;
    std::int64_t generation_ = 0;
};

}  // namespace podium
