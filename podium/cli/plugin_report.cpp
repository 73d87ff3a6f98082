#include "podium/cli/plugin_report.h"

#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium {
namespace {

std::string attribute(const PjrtPlugin& plugin, const std::string& key) {
    const auto found = plugin.attributes().find(key);
    return found == plugin.attributes().end() ? "unknown" : found->second;
}

PluginReport inspect(const FoundPlugin& found) {
    PluginReport row{.found = found};
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

}  // namespace

std::vector<PluginReport> inspect_plugins(const std::string& explicit_path) {
    std::vector<PluginReport> rows;
    for (const auto& found : discover({.explicit_path = explicit_path})) rows.push_back(inspect(found));
    const auto chosen = find_plugin(DeviceType::CPU, {.explicit_path = explicit_path});
    for (auto& row : rows)
        row.is_default = chosen && chosen->path == row.found.path && row.problem.empty() && !row.devices.empty();
    return rows;
}

}  // namespace podium
