#pragma once

#include <span>
#include <string>

#include "podium/runs/run_summary.h"

namespace podium {

/// A run as Prometheus sees it.
struct ScrapedRun {
    RunSummary summary;
    const RunLog* log;
};
/// Returns the runs' numbers in Prometheus's text format: gauges of the last lines, counters of the whole run.
/// Source: Prometheus, Exposition formats, text-based format 0.0.4.
std::string prometheus_text(std::span<const ScrapedRun> runs);

}  // namespace podium
