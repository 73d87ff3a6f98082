#include "podium/cli/memory_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "podium/base/file.h"
#include "podium/cli/exit_codes.h"
#include "podium/config/config.h"
#include "podium/exec/backends.h"
#include "podium/runs/run_files.h"
#include "podium/runs/svg_plot.h"
#include "podium/runs/terminal_plot.h"
#include "podium/train/memory_plan.h"

namespace podium {
namespace {

using MemoryJson = nlohmann::ordered_json;

constexpr std::string_view MEMORY_EXAMPLES = R"(Examples:
  podium memory examples/gpt.yaml                     the table, and the memory over a step
  podium memory examples/gpt.yaml --set model.remat=true --set train.batch=64
  podium memory runs/first --svg memory.svg           of a run's config
The step is compiled for the device and not run; no text is read.)";

constexpr std::size_t BAR = 24, PLOT_COLUMNS = 64, PLOT_ROWS = 8;
/// What changes over a step; the rest is there all the time.
constexpr std::array CHANGING{MemoryTag::ACTIVATIONS, MemoryTag::GRADIENTS, MemoryTag::TEMPORARIES};

struct MemoryFlags {
    std::string config, plugin, svg;
    train::ConfigChanges changes;
    bool json = false;
};

train::TrainConfig config_for(const MemoryFlags& flags) {
    const std::filesystem::path given = flags.config;
    auto config = config::read_file<train::TrainConfig>(is_run(given) ? config_of(given) : given);
    if (config.data.paths.empty()) config.data.paths = {"."};  // a config without text is none, and none is read
    config = train::changed(std::move(config), flags.changes);
    if (config.data.separate_documents) config.model.document_end = 0;  // any token takes the same memory
    return train::with_settled_batch(std::move(config));
}

Curve curve_of(const MemoryProfile& profile, const std::function<std::int64_t(const TaggedBytes&)>& bytes) {
    Curve curve;
    for (std::size_t i = 0; i < profile.timeline.size(); ++i)
        curve.add(static_cast<std::int64_t>(i), static_cast<double>(bytes(profile.timeline[i])) / 1e9);
    return curve;
}

Plot plot_of(const MemoryProfile& profile, const std::string& title) {
    PlotPanel panel{.title = "GB a device", .from_zero = true};
    panel.lines.push_back({"all", curve_of(profile, &TaggedBytes::sum)});
    for (const auto tag : CHANGING)
        panel.lines.push_back(
            {std::string(name(tag)), curve_of(profile, [tag](const TaggedBytes& bytes) { return bytes[tag]; })});
    return {title, "Memory of a device over the instructions of one training step", {std::move(panel)}};
}

MemoryJson to_json(const MemoryProfile& profile, const train::TrainConfig& config, double limit) {
    MemoryJson tags, largest = MemoryJson::array(), timeline = MemoryJson::array();
    for (std::size_t i = 0; i < MEMORY_TAG_NAMES.size(); ++i)
        tags[std::string(MEMORY_TAG_NAMES[i])] = profile.at_peak[static_cast<MemoryTag>(i)];
    for (const auto& held : profile.largest)
        largest.push_back({{"name", held.name}, {"tag", name(held.tag)}, {"bytes", held.bytes}});
    for (const auto& moment : profile.timeline) timeline.push_back(moment.sum());
    MemoryJson json{{"format", 1},
                    {"device", config.device},
                    {"batch", config.train.batch.samples},
                    {"bytes", profile.at_peak.sum()},
                    {"limit_bytes", nullptr},
                    {"tags", tags},
                    {"fragmentation", profile.fragmentation},
                    {"peak_instruction", profile.peak_instruction},
                    {"largest", largest},
                    {"timeline_bytes", timeline}};
    if (std::isfinite(limit)) json["limit_bytes"] = static_cast<std::int64_t>(limit);
    return json;
}

void print_table(const MemoryProfile& profile) {
    const auto all = static_cast<double>(profile.at_peak.sum());
    for (std::size_t i = 0; i < MEMORY_TAG_NAMES.size(); ++i) {
        const auto bytes = static_cast<double>(profile.at_peak[static_cast<MemoryTag>(i)]);
        std::string bar;
        for (std::size_t j = 0; j < static_cast<std::size_t>(std::lround(bytes / all * BAR)); ++j) bar += "█";
        const auto line =
            fmt::format("  {:<16}{:>9.3f} GB {:>5.1f} %  {}", MEMORY_TAG_NAMES[i], bytes / 1e9, 100 * bytes / all, bar);
        fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
    }
}

int show_memory(const MemoryFlags& flags) {
    if (!flags.plugin.empty()) set_plugin_path(Device(flags.changes.device.value_or("cpu")).type, flags.plugin);
    const auto config = config_for(flags);
    const train::Programs programs(config);
    const auto profile = programs.step_memory();
    if (profile.timeline.empty())
        fail(Code::UNIMPLEMENTED, "memory: {} does not tell how it lays out a program", config.device);
    const double limit = train::allowed_bytes(config);
    const auto title = fmt::format("{} on {}{}, a batch of {}", flags.config, config.device,
                                   programs.mesh.size() > 1 ? fmt::format(" x {}", programs.mesh.size()) : "",
                                   config.train.batch.samples);
    if (!flags.svg.empty()) write_atomically(flags.svg, to_svg(plot_of(profile, title)));
    if (flags.json) {
        fmt::print("{}\n", to_json(profile, config, limit).dump());
        return EXIT_DONE;
    }
    const auto bytes = static_cast<double>(profile.at_peak.sum());
    fmt::print("{}: {:.3f} GB a device", title, bytes / 1e9);
    if (std::isfinite(limit)) fmt::print(", {:.1f} % of the {:.2f} GB it may take", 100 * bytes / limit, limit / 1e9);
    fmt::print("\n");
    print_table(profile);
    fmt::print("\nThe peak is at instruction {} of {}, {}. The largest temporary things then:\n", profile.peak + 1,
               profile.timeline.size(), profile.peak_instruction);
    for (const auto& held : profile.largest)
        fmt::print("  {:>9.3f} GB  {:<12} {}\n", static_cast<double>(held.bytes) / 1e9, name(held.tag), held.name);
    fmt::print("\nGB over the instructions of a step:\n");
    for (const auto& line : terminal_plot(curve_of(profile, &TaggedBytes::sum), PLOT_COLUMNS, PLOT_ROWS))
        fmt::print("  {}\n", line);
    return EXIT_DONE;
}

}  // namespace

void add_memory(CLI::App& app, std::function<int()>& run) {
    const auto flags = std::make_shared<MemoryFlags>();
    auto* const verb = app.add_subcommand("memory", "what fills a device's memory during a training step");
    verb->add_option("config", flags->config, "YAML file, or a run's folder")->required();
    verb->add_option("--device", flags->changes.device, "cpu, cuda, tpu");
    verb->add_option("--mesh", flags->changes.mesh,
                     "data=4,model=2: axes of the devices by what they split: data, fsdp, model, expert, seq");
    verb->add_option("--set", flags->changes.overrides, "any field, each with its own --set: --set train.batch=64")
        ->allow_extra_args(false);
    verb->add_option("--svg", flags->svg, "file for a picture of the memory over the step");
    verb->add_option("--plugin", flags->plugin, "PJRT plugin to use instead of the one that is found");
    verb->add_flag("--json", flags->json, "one JSON object on stdout");
    verb->footer(std::string(MEMORY_EXAMPLES));
    verb->callback([flags, &run] { run = [flags] { return show_memory(*flags); }; });
}

}  // namespace podium
