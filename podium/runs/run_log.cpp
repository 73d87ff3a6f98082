#include "podium/runs/run_log.h"

#include <algorithm>
#include <cmath>

#include "podium/runs/run_files.h"

namespace podium {
namespace {

/// Returns the field where it is finite, else 0.
double finite(const RunEvent& event, std::string_view field) {
    const double value = event.number(field).value_or(0);
    return std::isfinite(value) ? value : 0;
}

}  // namespace

RunLog::RunLog(const std::filesystem::path& run) : tail_(metrics_of(run)) {}

void RunLog::update(const std::function<void(const RunEvent&)>& visit) {
    tail_.update(
        [&](const RunEvent& event) {
            add(event);
            if (visit) visit(event);
        },
        [&] {
            curves_.clear();
            totals_ = {};
            ++generation_;
        });
}

const Curve& RunLog::curve(const std::string& name) const {
    static const Curve none;
    const auto found = curves_.find(name);
    return found == curves_.end() ? none : found->second;
}

void RunLog::add(const RunEvent& event) {
    if (!totals_.began) totals_.began = event.time;
    totals_.latest = event.time;
    totals_.end.clear();
    if (event.name == "step") {
        const double seconds = finite(event, "seconds");
        totals_.steps = event.step().value_or(0);
        totals_.step_seconds += seconds;
        totals_.data_seconds += finite(event, "data_seconds");
        totals_.eval_seconds += finite(event, "eval_seconds");
        totals_.save_seconds += finite(event, "save_seconds");
        totals_.tokens += seconds * finite(event, "tokens_per_s");
    } else if (event.name == "warning") {
        ++totals_.warnings;
        totals_.last_warning = std::get<std::string>(*event.find("message"));
    } else if (event.name == "resume") {
        ++totals_.resumes;
        totals_.steps = event.step().value_or(0);
    } else if (event.name == "recovery") {
        ++totals_.recoveries;
    } else if (event.name == "checkpoint") {
        ++totals_.checkpoints;
    } else if (event.name == "end") {
        totals_.end = std::get<std::string>(*event.find("reason"));
    }
    const auto step = event.step();
    if (!step) return;
    for (const auto& [field, value] : event.fields)
        if (const auto number = event.number(field); number && field != "step")
            curves_[scalar_name(event, field)].add(*step, *number);
}

}  // namespace podium
