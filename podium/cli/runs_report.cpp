#include "podium/cli/runs_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "podium/runs/run_files.h"

namespace podium {
namespace {

using Row = std::vector<std::string>;

std::string text_of(const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; }

std::string validation_text(const RunSummary& run) {
    return run.best_validation_loss
               ? fmt::format("{:.4f} at {}", run.best_validation_loss->value, run.best_validation_loss->step)
               : "-";
}

std::string steps_text(const RunSummary& run) {
    return run.planned_steps > 0 ? fmt::format("{}/{}", run.totals.steps, run.planned_steps)
                                 : std::to_string(run.totals.steps);
}

std::string throughput_text(const RunSummary& run) { return fmt::format("{:.0f}", run.totals.tokens_per_s()); }

std::string began_text(const RunSummary& run) {
    if (!run.totals.began) return "-";
    const auto text = to_string(*run.totals.began);
    return fmt::format("{} {}", text.substr(0, 10), text.substr(11, 5));
}

/// Returns characters, not bytes: a folder may have any name.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Returns the rows as columns, the first to the left, the others as `right` says.
std::string columns(const std::vector<Row>& rows, bool right) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i == widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - width_of(row[i]), ' ');
            line += (i == 0 ? "" : "  ") + (i > 0 && right ? space + row[i] : row[i] + space);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

PlotLine line_of(const ReadRun& run, const char* curve, std::string name) {
    return {std::move(name), run.log.curve(curve), std::string_view(curve) == "validation/loss"};
}

}  // namespace

ReadRun read_run(const std::filesystem::path& folder) {
    expect_run(folder);
    ReadRun run{{}, RunLog(folder)};
    run.log.update();
    run.summary = summary_of(folder, run.log);
    return run;
}

std::string table_of(std::span<const RunSummary> runs) {
    std::vector<Row> rows{{"run", "state", "steps", "loss", "best validation", "tokens/s", "began (UTC)"}};
    for (const auto& run : runs)
        rows.push_back({run.folder.string(), run.state, steps_text(run), text_of(run.loss), validation_text(run),
                        throughput_text(run), began_text(run)});
    return columns(rows, false);
}

std::string description_of(const ReadRun& run) {
    const RunSummary& summary = run.summary;
    std::vector<Row> rows{{"run", summary.folder.string()},
                          {"state", summary.state},
                          {"steps", steps_text(summary)},
                          {"loss", text_of(summary.loss)},
                          {"best validation", validation_text(summary)},
                          {"tokens/s", throughput_text(summary)},
                          {"began (UTC)", began_text(summary)}};
    if (summary.best_checkpoint) rows.push_back({"best checkpoint", summary.best_checkpoint_folder.string()});
    if (!summary.checkpoints.empty())
        rows.push_back({"checkpoints", fmt::format("{}", fmt::join(summary.checkpoints, ", "))});
    if (summary.totals.resumes > 0) rows.push_back({"resumed", fmt::format("{} times", summary.totals.resumes)});
    if (summary.totals.recoveries > 0)
        rows.push_back({"recovered", fmt::format("{} times", summary.totals.recoveries)});
    if (summary.totals.warnings > 0)
        rows.push_back(
            {"warnings", fmt::format("{}; the last: {}", summary.totals.warnings, summary.totals.last_warning)});
    for (const auto& [path, text] : config_values(summary.folder))
        if (path.starts_with("model.") || path.starts_with("optimizer.") || path == "train.batch" ||
            path == "train.length" || path == "data.paths" || path == "device" || path == "mesh")
            rows.push_back({path, text});
    return columns(rows, false);
}

std::string comparison_of(std::span<const ReadRun> runs, std::span<const ConfigDifference> differences) {
    Row header{""}, states{"state"}, steps{"steps"}, losses{"loss"}, best{"best validation"}, speeds{"tokens/s"};
    for (const auto& run : runs) {
        header.push_back(run.summary.folder.string());
        states.push_back(run.summary.state);
        steps.push_back(steps_text(run.summary));
        losses.push_back(text_of(run.summary.loss));
        best.push_back(validation_text(run.summary));
        speeds.push_back(throughput_text(run.summary));
    }
    std::vector<Row> rows{header, states, steps, losses, best, speeds};
    for (const auto& [path, values] : differences) {
        Row row{path};
        for (const auto& value : values) row.push_back(value.empty() ? "-" : value);
        rows.push_back(row);
    }
    return columns(rows, true);
}

Plot plot_of(std::span<const ReadRun> runs) {
    Plot plot;
    PlotPanel loss{"loss, nats a token", {}}, speed{"tokens a second", {}, true};
    std::vector<std::string> said;
    for (const auto& run : runs) {
        const auto name = run.summary.folder.filename().empty() ? run.summary.folder.parent_path().filename().string()
                                                                : run.summary.folder.filename().string();
        const bool alone = runs.size() == 1;
        loss.lines.push_back(line_of(run, "train/loss", alone ? "training" : name));
        loss.lines.push_back(line_of(run, "validation/loss", alone ? "validation" : name + ", validation"));
        speed.lines.push_back(line_of(run, "train/tokens_per_s", alone ? "training" : name));
        plot.title += (plot.title.empty() ? "" : " and ") + name;
        said.push_back(fmt::format("{}: {} steps, last loss {}, best validation loss {}, {} tokens a second", name,
                                   run.summary.totals.steps, text_of(run.summary.loss), validation_text(run.summary),
                                   throughput_text(run.summary)));
    }
    plot.description = fmt::format("{}.", fmt::join(said, "; "));
    plot.panels = {std::move(loss), std::move(speed)};
    return plot;
}

}  // namespace podium
