#pragma once

#include <span>
#include <string>
#include <vector>

#include "podium/runs/run_json.h"
#include "podium/runs/run_summary.h"
#include "podium/runs/svg_plot.h"

namespace podium {

/// A run as it was read: what `podium runs` prints, compares and draws.
struct ReadRun {
    RunSummary summary;
    RunLog log;
};
/// Returns the run; throws INVALID_ARGUMENT where there is none, INVALID_DATA and INVALID_CONFIG for damaged files.
ReadRun read_run(const std::filesystem::path& folder);

/// Returns the words for people: of several runs a table, of one run all there is to say.
std::string table_of(std::span<const RunSummary> runs);
std::string description_of(const ReadRun& run);
std::string comparison_of(std::span<const ReadRun> runs, std::span<const ConfigDifference> differences);

/// Returns loss and throughput of the runs over each other.
Plot plot_of(std::span<const ReadRun> runs);

}  // namespace podium
