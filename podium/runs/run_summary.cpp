#include "podium/runs/run_summary.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "podium/base/error.h"
#include "podium/config/config.h"
#include "podium/config/node.h"
#include "podium/runs/run_files.h"

namespace podium {
namespace {

using Values = std::map<std::string, std::string>;

void flatten(const config::Node& node, const std::string& path, Values& values) {
    if (node.kind != config::Node::Kind::MAPPING) {
        values[path] = config::to_line(node);
        return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i)
        flatten(node.items[i], path.empty() ? node.keys[i].text : path + "." + node.keys[i].text, values);
}

std::int64_t integer_of(const Values& values, const std::string& path) {
    const auto found = values.find(path);
    std::int64_t value = 0;
    if (found != values.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

/// Finds the checkpoint with the lowest validation loss; without any such loss, the newest.
void find_best(const Curve& validation, RunSummary& summary) {
    const auto apart = checkpoint_steps(best_of(summary.folder));
    std::set<std::int64_t> steps(summary.checkpoints.begin(), summary.checkpoints.end());
    steps.insert(apart.begin(), apart.end());
    if (steps.empty()) return;
    Curve kept;
    for (std::size_t i = 0; i < validation.size(); ++i)
        if (steps.contains(validation.steps[i])) kept.add(validation.steps[i], validation.values[i]);
    const auto best = lowest(kept);
    summary.best_checkpoint = best ? best->step : *steps.rbegin();
    const bool is_apart = std::find(apart.begin(), apart.end(), *summary.best_checkpoint) != apart.end();
    summary.best_checkpoint_folder = (is_apart ? best_of(summary.folder) : summary.folder) / "checkpoints" /
                                     fmt::format("{:08}", *summary.best_checkpoint);
}

}  // namespace

std::string state_of(const std::filesystem::path& run, const RunLog& log) {
    if (is_training(run)) return "training";
    return log.totals().end.empty() ? "interrupted" : log.totals().end;
}

RunSummary summary_of(const std::filesystem::path& run, const RunLog& log) {
    RunSummary summary{.folder = run, .totals = log.totals()};
    summary.state = state_of(run, log);
    summary.planned_steps = integer_of(config_values(run), "train.steps");
    if (const Curve& loss = log.curve("train/loss"); !loss.empty()) summary.loss = loss.values.back();
    const Curve& validation = log.curve("validation/loss");
    summary.best_validation_loss = lowest(validation);
    summary.checkpoints = checkpoint_steps(run);
    find_best(validation, summary);
    return summary;
}

Values config_values(const std::filesystem::path& run) {
    const auto path = config_of(run);
    Values values;
    try {
        flatten(config::parse_yaml(config::read_text(path)), "", values);
    } catch (const config::Problem& problem) {
        fail(Code::INVALID_CONFIG, "{}:{}: {}", path.string(), problem.place.line, problem.message);
    }
    return values;
}

std::vector<ConfigDifference> config_differences(const std::vector<std::filesystem::path>& runs) {
    std::vector<Values> all;
    std::set<std::string> paths;
    for (const auto& run : runs) {
        all.push_back(config_values(run));
        for (const auto& [path, text] : all.back()) paths.insert(path);
    }
    std::vector<ConfigDifference> differences;
    for (const auto& path : paths) {
        ConfigDifference row{path, {}};
        for (const auto& values : all) {
            const auto found = values.find(path);
            row.values.push_back(found == values.end() ? std::string() : found->second);
        }
        if (std::set(row.values.begin(), row.values.end()).size() > 1) differences.push_back(std::move(row));
    }
    return differences;
}

}  // namespace podium
