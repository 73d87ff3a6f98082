#pragma once

#include <nlohmann/json.hpp>

#include "podium/runs/run_summary.h"

namespace podium {

/// Returns the run's numbers as JSON, without "format".
nlohmann::ordered_json to_json(const RunSummary& summary);
/// Returns the log's curves in the range as JSON, thinned: {"train/loss": {"steps": [...], "values": [...]}, ...}.
nlohmann::ordered_json curves_json(const RunLog& log, std::size_t buckets, StepRange range = {});

}  // namespace podium
