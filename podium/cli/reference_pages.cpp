#include "podium/cli/reference_pages.h"

#include "podium/base/error.h"
#include "podium/cli/exit_codes.h"
#include "podium/config/config.h"
#include "podium/events/event.h"
#include "podium/exec/backends.h"
#include "podium/ir/ops.h"
#include "podium/optim/optimizers.h"
#include "podium/train/train_config.h"

namespace podium {
namespace {

constexpr std::string_view NOTE = "Written by `./dev docs` from the rows in the code; a test compares both.";

/// A Markdown table under construction.
class Table {
public:
    explicit Table(const std::vector<std::string>& header) {
        add(header);
        add(std::vector<std::string>(header.size(), "---"));
    }
    void add(const std::vector<std::string>& cells) {
        text_ += '|';
        for (const auto& cell : cells) {
            text_ += ' ';
            for (const char c : cell) text_.append(c == '|' ? "\\" : "").push_back(c);
            text_ += " |";
        }
        text_ += '\n';
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

std::string code(std::string_view text) { return text.empty() ? std::string() : fmt::format("`{}`", text); }

ReferencePage page(std::string file, std::string_view title, std::string_view introduction, const Table& table) {
    return {std::move(file), fmt::format("# {}\n\n{} {}\n\n{}", title, introduction, NOTE, table.text())};
}

std::string_view name(Kind kind) {
    switch (kind) {
        case Kind::PARAMETER: return "parameter";
        case Kind::CONSTANT: return "constant";
        case Kind::EVALUATED: return "evaluated";
        case Kind::RESULT: return "result";
        case Kind::ELEMENTWISE: return "elementwise";
        case Kind::STRUCTURAL: return "structural";
        case Kind::COMPOSITE: return "composite";
    }
    return "";
}

ReferencePage operations() {
    Table table({"operation", "kind", "StableHLO", "differentiable", "source"});
    for (const auto* op : all_ops())
        table.add({code(op->name), std::string(name(op->kind)), code(op->stablehlo),
                   op->vjp ? std::string("yes") : fmt::format("no: {}", op->vjp.reason), std::string(op->spec)});
    return page("operations.md", "Operations",
                "Each operation is one row; composites are made of the others before they reach a plugin.", table);
}

ReferencePage optimizers() {
    Table table({"name", "slots", "bytes a parameter", "like", "source"});
    for (const auto& row : optim::optimizers()) {
        const auto size = optim::state_size(row);
        table.add({code(row.name), std::to_string(size.slots), fmt::format("{:.3g}", size.bytes_per_parameter),
                   fmt::format("{}", fmt::join(optim::like_names(row), ", ")), std::string(row.source)});
    }
    return page("optimizers.md", "Optimizers",
                "What `optimizer.name` in a config may be, how many tensors and bytes it keeps of an f32 matrix of "
                "1024 x 1024, and what `optimizer.like` may be.",
                table);
}

ReferencePage schedules() {
    Table table({"name", "reads", "source"});
    for (const auto& row : optim::schedules())
        table.add({code(optim::name(row.kind)), std::string(row.keys), std::string(row.source)});
    return page("schedules.md", "Schedules",
                "What `optimizer.schedule` in a config may be, and which keys under `optimizer` it reads beside "
                "`learning_rate`; total_steps is the run's where it is 0.",
                table);
}

ReferencePage config_keys() {
    Table table({"key", "type", "default", "meaning"});
    for (const auto& row : config::reference<train::TrainConfig>())
        table.add({code(row.path), row.type, code(row.value), row.help});
    return page("config.md", "Config", "Every key of the file that `podium train` reads, and of `--set KEY=VALUE`.",
                table);
}

ReferencePage events() {
    Table table({"event", "field", "kind", "always there", "meaning"});
    for (const auto& event : event_schema()) {
        table.add({code(event.name), "", "", "", std::string(event.help)});
        for (const auto& field : event.fields)
            table.add({"", code(field.name),
                       field.kind == FieldKind::INTEGER  ? "integer"
                       : field.kind == FieldKind::NUMBER ? "number"
                                                         : "text",
                       field.required ? "yes" : "no", std::string(field.help)});
    }
    return page("events.md", "Events", "The lines of `metrics.jsonl` and of `podium train --json`.", table);
}

ReferencePage devices() {
    Table table({"device", "runs through"});
    for (const auto& row : backend_rows()) table.add({code(name(row.type)), std::string(row.summary)});
    return page("devices.md", "Devices", "What `--device` may be.", table);
}

ReferencePage exits() {
    Table table({"exit code", "meaning"});
    for (const auto& row : EXIT_CODES) table.add({std::to_string(row.code), std::string(row.meaning)});
    Table errors({"error", "exit code"});
    for (const auto each : all_codes()) errors.add({code(name(each)), std::to_string(exit_code(each))});
    auto made = page("exit_codes.md", "Exit codes", "What the command's exit code says.", table);
    made.text += fmt::format(
        "\n## Errors\n\nThe codes of `podium::Error`, and with which exit code the command ends "
        "for them.\n\n{}",
        errors.text());
    return made;
}

}  // namespace

std::vector<ReferencePage> reference_pages() {
    return {operations(), optimizers(), schedules(), config_keys(), events(), devices(), exits()};
}

}  // namespace podium
