#include "podium/cli/devices_command.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "podium/cli/exit_codes.h"
#include "podium/runtime/pjrt/discover.h"
#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium {
namespace {

constexpr std::string_view EXAMPLES = R"(Examples:
  podium devices
  podium devices --plugin ~/libtpu.so     a plugin that discovery does not find
  podium devices --json | jq .plugins)";

struct Options {
    std::string plugin;
    bool json = false;
};

/// One found plugin, and what loading it showed.
struct Row {
    FoundPlugin found;
    std::string problem;  ///< why it cannot be used; empty where it can
    std::string api_version, stablehlo_range;
    std::vector<DeviceInfo> devices;
    MemoryStats memory;
    bool is_default = false;  ///< whether its devices are used where nothing else is said
};

std::string attribute(const PjrtPlugin& plugin, const std::string& key) {
    const auto found = plugin.attributes().find(key);
    return found == plugin.attributes().end() ? "unknown" : found->second;
}

Row inspect(const FoundPlugin& found) {
    Row row{.found = found};
    const auto plugin = PjrtPlugin::load(found.path);
    if (!plugin) {
        row.problem = plugin.error().message();
        return row;
    }
    row.api_version = (*plugin)->api_version();
    row.stablehlo_range = fmt::format("{} to {}", attribute(**plugin, "stablehlo_minimum_version"),
                                      attribute(**plugin, "stablehlo_current_version"));
    try {
        const PjrtBackend backend(**plugin, found.type, 1);
        row.devices = backend.devices();
        if (!row.devices.empty()) row.memory = backend.memory_stats(0);
    } catch (const Error& error) {
        row.problem = error.message();
    }
    return row;
}

/// Returns the rows of all plugins; the default is what `podium train` uses when `--device` is not given: the CPU.
std::vector<Row> inspect_all(const Options& options) {
    std::vector<Row> rows;
    for (const auto& found : discover({.explicit_path = options.plugin})) rows.push_back(inspect(found));
    const auto chosen = find_plugin(DeviceType::CPU, {.explicit_path = options.plugin});
    for (auto& row : rows)
        row.is_default = chosen && chosen->path == row.found.path && row.problem.empty() && !row.devices.empty();
    return rows;
}

std::string mebibytes(std::int64_t bytes) { return bytes < 0 ? "unknown" : fmt::format("{} MiB", bytes >> 20); }

void print(const Row& row) {
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

nlohmann::ordered_json to_json(const Row& row) {
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

int list_devices(const Options& options) {
    const auto rows = inspect_all(options);
    if (options.json) {
        auto plugins = nlohmann::ordered_json::array();
        for (const auto& row : rows) plugins.push_back(to_json(row));
        fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"plugins", plugins}}.dump());
    } else {
        for (const auto& row : rows) print(row);
        fmt::print("interp  podium's interpreter\n  used by name (--device interp): slow, a reference\n");
    }
    if (!options.plugin.empty()) PjrtPlugin::load(options.plugin).value();
    if (std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.problem.empty(); }))
        fail(Code::UNAVAILABLE, "devices: no plugin was found that loads; run ./dev setup, or name one with --plugin");
    return EXIT_DONE;
}

}  // namespace

void add_devices(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("devices", "what was found to run on, and where");
    const auto options = std::make_shared<Options>();
    verb->add_option("--plugin", options->plugin, "a plugin's file, found first");
    verb->add_flag("--json", options->json, "one JSON object on stdout");
    verb->footer(std::string(EXAMPLES));
    verb->final_callback([&run, options] { run = [options] { return list_devices(*options); }; });
}

}  // namespace podium
