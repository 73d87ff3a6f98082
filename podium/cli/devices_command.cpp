#include "podium/cli/devices_command.h"

#include <nlohmann/json.hpp>

#include "podium/cli/exit_codes.h"
#include "podium/cli/plugin_report.h"
#include "podium/runtime/pjrt/plugin.h"

namespace podium {
namespace {

constexpr std::string_view DEVICES_EXAMPLES = R"(Examples:
  podium devices
  podium devices --plugin ~/libtpu.so     a plugin that discovery does not find
  podium devices --json | jq .plugins)";

struct DevicesOptions {
    std::string plugin;
    bool json = false;
};

std::string mebibytes(std::int64_t bytes) { return bytes < 0 ? "unknown" : fmt::format("{} MiB", bytes >> 20); }

void print(const PluginReport& row) {
    fmt::print("{}  {}\n  found through  {}\n", name(row.found.type), row.found.path, row.found.where);
    if (!row.api_version.empty())
        fmt::print("  speaks         PJRT {}, StableHLO {}\n", row.api_version, row.stablehlo_range);
    if (!row.problem.empty()) {
        fmt::print("  not usable     {}\n", row.problem);
        return;
    }
    for (const auto& device : row.devices)
        fmt::print("  device         {}, {}, memory {}\n", to_string(device.device), device.kind,
                   mebibytes(row.memory.limit_bytes));
    if (row.is_default) fmt::print("  default        used where nothing else is asked for\n");
}

nlohmann::ordered_json to_json(const PluginReport& row) {
    auto devices = nlohmann::ordered_json::array();
    for (const auto& device : row.devices)
        devices.push_back({{"device", to_string(device.device)},
                           {"kind", device.kind},
                           {"description", device.description},
                           {"memory_limit_bytes", row.memory.limit_bytes}});
    const auto text_or_null = [](const std::string& text) {
        return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
    };
    return {{"type", name(row.found.type)},
            {"path", row.found.path},
            {"found_through", row.found.where},
            {"pjrt", text_or_null(row.api_version)},
            {"stablehlo", text_or_null(row.stablehlo_range)},
            {"problem", text_or_null(row.problem)},
            {"default", row.is_default},
            {"devices", devices}};
}

int list_devices(const DevicesOptions& options) {
    const auto rows = inspect_plugins(options.plugin);
    if (options.json) {
        auto plugins = nlohmann::ordered_json::array();
        for (const auto& row : rows) plugins.push_back(to_json(row));
        fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"plugins", plugins}}.dump());
    } else {
        for (const auto& row : rows) print(row);
        fmt::print("interp  podium's interpreter\n  used by name (--device interp): slow, a reference\n");
    }
    if (!options.plugin.empty()) PjrtPlugin::load(options.plugin).value();
    if (std::none_of(rows.begin(), rows.end(), [](const PluginReport& row) { return row.problem.empty(); }))
        fail(Code::UNAVAILABLE,
             "devices: no plugin was found that loads; run podium plugin install cpu, or name one with --plugin");
    return EXIT_DONE;
}

}  // namespace

void add_devices(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("devices", "what was found to run on, and where");
    const auto options = std::make_shared<DevicesOptions>();
    verb->add_option("--plugin", options->plugin, "a plugin's file, found first");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    verb->footer(std::string(DEVICES_EXAMPLES));
    verb->final_callback([&run, options] { run = [options] { return list_devices(*options); }; });
}

}  // namespace podium
