#include "podium/cli/ops_command.h"

#include <nlohmann/json.hpp>

#include "podium/cli/exit_codes.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

constexpr std::string_view OPS_EXAMPLES = R"(Examples:
  podium ops                                             a table of all operations
  podium ops --json | jq '.[] | select(.vjp != true)'    those without a gradient, and why)";

/// True, or why not; false where nobody says.
template <class F>
nlohmann::ordered_json state(const RowRule<F>& rule) {
    if (rule) return true;
    return rule.reason.empty() ? nlohmann::ordered_json(false) : nlohmann::ordered_json(rule.reason);
}

/// A row without a jvp has it from its vjp, one without a vmap rule from its kind or from what it stands for.
nlohmann::ordered_json to_json(const OpFamily& family, const Op& op) {
    const bool maps = op.vmap || op.kind == Kind::ELEMENTWISE || op.expand != nullptr;
    auto types = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
        if (const auto type = static_cast<DataType>(i); takes(op.types, type)) types.push_back(name(type));
    return {{"name", op.name},
            {"stablehlo", op.stablehlo},
            {"family", family.name},
            {"vjp", state(op.vjp)},
            {"jvp", op.jvp || !op.jvp.reason.empty() ? state(op.jvp) : state(op.vjp)},
            {"vmap", maps ? nlohmann::ordered_json(true) : state(op.vmap)},
            {"dtypes", std::move(types)},
            {"spec", op.spec}};
}

std::string_view short_form(const nlohmann::ordered_json& state) { return state == true ? "yes" : "-"; }

int list_ops(bool json) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& family : op_families())
        for (const Op* op : family.ops) list.push_back(to_json(family, *op));
    if (json) {
        fmt::print("{}\n", list.dump());
        return EXIT_DONE;
    }
    constexpr std::string_view LINE = "{:<26}{:<16}{:<5}{:<5}{:<5}{}\n";
    fmt::print(LINE, "operation", "family", "vjp", "jvp", "vmap", "source");
    for (const auto& row : list)
        fmt::print(LINE, row["name"].get<std::string_view>(), row["family"].get<std::string_view>(),
                   short_form(row["vjp"]), short_form(row["jvp"]), short_form(row["vmap"]),
                   row["spec"].get<std::string_view>());
    return EXIT_DONE;
}

}  // namespace

void add_ops(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("ops", "every operation: source, types, gradients");
    const auto json = std::make_shared<bool>(false);
    verb->add_flag("--json", *json, "one JSON list on stdout, with the reason for what is missing");
    verb->footer(std::string(OPS_EXAMPLES));
    verb->final_callback([&run, json] { run = [json] { return list_ops(*json); }; });
}

}  // namespace podium
