#include "podium/dashboard/prometheus.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace podium {
namespace {

using Value = std::optional<double> (*)(const ScrapedRun&);

struct Row {
    std::string_view name, type, help;
    Value value;
};

template <const char* NAME>
std::optional<double> last_of(const ScrapedRun& run) {
    const Curve& curve = run.log->curve(NAME);
    return curve.empty() ? std::nullopt : std::optional(curve.values.back());
}

constexpr char LOSS[] = "train/loss", VALIDATION[] = "validation/loss", SPEED[] = "train/tokens_per_s",
               RATE[] = "train/learning_rate", MEMORY[] = "train/memory_bytes", LIMIT[] = "train/memory_limit_bytes",
               SHARE[] = "train/peak_share";

constexpr std::array ROWS{
    Row{"podium_training", "gauge", "1 while a process trains in the run.",
        [](const ScrapedRun& run) { return std::optional(run.summary.state == "training" ? 1.0 : 0.0); }},
    Row{"podium_done", "gauge", "1 once the run has ended as it should.",
        [](const ScrapedRun& run) {
            return std::optional(run.summary.state == "done" || run.summary.state == "stopped early" ? 1.0 : 0.0);
        }},
    Row{"podium_step", "gauge", "Finished steps.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.totals.steps)); }},
    Row{"podium_steps_planned", "gauge", "Steps of the whole run.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.planned_steps)); }},
    Row{"podium_loss", "gauge", "Training loss of the last step line.", last_of<LOSS>},
    Row{"podium_validation_loss", "gauge", "Loss of the held-out data, when it was last evaluated.",
        last_of<VALIDATION>},
    Row{"podium_tokens_per_second", "gauge", "Tokens a second of the last step line.", last_of<SPEED>},
    Row{"podium_learning_rate", "gauge", "Learning rate of the last step line.", last_of<RATE>},
    Row{"podium_memory_bytes", "gauge", "Memory in use at the last step line.", last_of<MEMORY>},
    Row{"podium_memory_limit_bytes", "gauge", "Memory that there is, where it is known.", last_of<LIMIT>},
    Row{"podium_peak_share_ratio", "gauge", "Share of the devices' peak rate that steps reach, where that is known.",
        last_of<SHARE>},
    Row{"podium_last_event_timestamp_seconds", "gauge", "When the run last wrote a line.",
        [](const ScrapedRun& run) -> std::optional<double> {
            if (!run.summary.totals.latest) return std::nullopt;
            return std::chrono::duration<double>(run.summary.totals.latest->time_since_epoch()).count();
        }},
    Row{"podium_tokens_total", "counter", "Tokens trained on.",
        [](const ScrapedRun& run) { return std::optional(run.summary.totals.tokens); }},
    Row{"podium_step_seconds_total", "counter", "Time spent in steps.",
        [](const ScrapedRun& run) { return std::optional(run.summary.totals.step_seconds); }},
    Row{"podium_data_seconds_total", "counter", "Time of steps that went into waiting for data.",
        [](const ScrapedRun& run) { return std::optional(run.summary.totals.data_seconds); }},
    Row{"podium_eval_seconds_total", "counter", "Time spent evaluating.",
        [](const ScrapedRun& run) { return std::optional(run.summary.totals.eval_seconds); }},
    Row{"podium_save_seconds_total", "counter", "Time that saving held training up.",
        [](const ScrapedRun& run) { return std::optional(run.summary.totals.save_seconds); }},
    Row{"podium_checkpoints_total", "counter", "Committed checkpoints.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.totals.checkpoints)); }},
    Row{"podium_resumes_total", "counter", "How often training went on from a checkpoint.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.totals.resumes)); }},
    Row{"podium_recoveries_total", "counter", "How often the run got itself out of trouble, or tried to.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.totals.recoveries)); }},
    Row{"podium_warnings_total", "counter", "Warnings.",
        [](const ScrapedRun& run) { return std::optional(static_cast<double>(run.summary.totals.warnings)); }},
};

std::string label_text(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\n')
            text += "\\n";
        else if (c == '"' || c == '\\')
            (text += '\\') += c;
        else
            text += c;
    }
    return text;
}

std::string number_text(double value) {
    return std::isnan(value) ? "NaN" : std::isinf(value) ? (value > 0 ? "+Inf" : "-Inf") : fmt::format("{}", value);
}

}  // namespace

std::string prometheus_text(std::span<const ScrapedRun> runs) {
    std::string text;
    for (const Row& row : ROWS) {
        text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", row.name, row.help, row.name, row.type);
        for (const auto& run : runs)
            if (const auto value = row.value(run))
                text += fmt::format("{}{{run=\"{}\"}} {}\n", row.name, label_text(run.summary.folder.string()),
                                    number_text(*value));
    }
    return text;
}

}  // namespace podium
