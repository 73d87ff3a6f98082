#include "podium/cli/runs_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/cli/runs_report.h"
#include "podium/runs/run_files.h"

namespace podium {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t CURVE_BUCKETS = 125;

struct Flags {
    std::string folder = "runs", svg;
    std::vector<std::string> runs;
    bool json = false;
};

void print(const Json& object) { fmt::print("{}\n", object.dump(-1, ' ', false, Json::error_handler_t::replace)); }

int list(const Flags& flags) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(flags.folder, ignored))
        fail(Code::INVALID_ARGUMENT, "no folder {}; name the one that your runs are in", flags.folder);
    std::vector<RunSummary> found;
    Json problems = Json::array();
    for (const auto& folder : find_runs(flags.folder)) try {
            found.push_back(read_run(folder).summary);
        } catch (const Error& error) {
            fmt::print(stderr, "warning: passed over {}: {}\n", folder.string(), error.message());
            problems.push_back({{"run", folder.string()}, {"message", error.message()}});
        }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.totals.began > b.totals.began; });
    if (flags.json) {
        Json runs = Json::array();
        for (const auto& run : found) runs.push_back(to_json(run));
        print({{"format", 1}, {"runs", runs}, {"problems", problems}});
    } else if (found.empty()) {
        fmt::print(stderr, "no runs below {}\n", flags.folder);
    } else {
        fmt::print("{}", table_of(found));
    }
    return 0;
}

std::vector<ReadRun> read_all(const std::vector<std::string>& folders) {
    std::vector<ReadRun> runs;
    runs.reserve(folders.size());
    for (const auto& folder : folders) runs.push_back(read_run(folder));
    return runs;
}

void draw(const Flags& flags, std::span<const ReadRun> runs) {
    if (!flags.svg.empty()) write_atomically(flags.svg, to_svg(plot_of(runs)));
}

int show(const Flags& flags) {
    const auto runs = read_all(flags.runs);
    const auto& run = runs.front();
    draw(flags, runs);
    if (flags.json) {
        Json object{{"format", 1}};
        object.update(to_json(run.summary));
        object["config"] = config_values(run.summary.folder);
        object["curves"] = curves_json(run.log, CURVE_BUCKETS);
        print(object);
    } else {
        fmt::print("{}", description_of(run));
    }
    return 0;
}

int compare(const Flags& flags) {
    const auto runs = read_all(flags.runs);
    const auto differences = config_differences({flags.runs.begin(), flags.runs.end()});
    draw(flags, runs);
    if (!flags.json) {
        fmt::print("{}", comparison_of(runs, differences));
        return 0;
    }
    Json object{{"format", 1}, {"runs", Json::array()}, {"config", Json::object()}};
    for (const auto& run : runs) object["runs"].push_back(to_json(run.summary));
    for (const auto& [path, values] : differences) object["config"][path] = values;
    print(object);
    return 0;
}

}  // namespace

void add_runs(CLI::App& app, std::function<int()>& run) {
    const auto flags = std::make_shared<Flags>();
    auto* const verb = app.add_subcommand("runs", "list, show and compare runs");
    verb->require_subcommand(1);
    verb->footer(
        "Examples:\n"
        "  podium runs list\n"
        "  podium runs show runs/first --svg first.svg\n"
        "  podium runs compare runs/first runs/second --svg both.svg");
    const auto add = [&](const char* name, const char* help, int (*command)(const Flags&)) {
        auto* const each = verb->add_subcommand(name, help);
        each->add_flag("--json", flags->json, "one JSON object on stdout");
        each->callback([flags, &run, command] { run = [flags, command] { return command(*flags); }; });
        return each;
    };
    auto* const listing = add("list", "a table of the runs below a folder, the newest first", list);
    listing->add_option("folder", flags->folder, "where they are")->capture_default_str();
    auto* const showing = add("show", "one run: its numbers, best checkpoint, config and curve", show);
    showing->add_option("run", flags->runs, "folder of the run")->required()->expected(1);
    auto* const comparing = add("compare", "runs side by side: numbers, and in what their configs differ", compare);
    comparing->add_option("runs", flags->runs, "folders of the runs")->required()->expected(2, 100);
    for (auto* const each : {showing, comparing})
        each->add_option("--svg", flags->svg, "file to draw loss and throughput into");
}

}  // namespace podium
