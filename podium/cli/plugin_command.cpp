#include "podium/cli/plugin_command.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/cli/exit_codes.h"
#include "podium/plugins/install.h"

namespace podium {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view PLUGIN_EXAMPLES = R"(Examples:
  podium plugin install cpu                       shows the licence, asks, fetches 63 MB, checks its hash
  podium plugin install tpu --accept-license      asks nothing
  podium plugin install cpu --offline             from the wheel in ~/.cache/podium/wheels
  podium plugin install onednn                    faster training on the CPU (39 MB); then run podium doctor
  podium plugin install parquet                   what reads .parquet files of text (24 MB)
  podium plugin list
  podium plugin remove cpu                        the wheel in the cache as well
Plugins lie in $XDG_DATA_HOME/podium/plugins, or ~/.local/share/podium/plugins; podium devices shows what they serve.)";

constexpr int BAR_WIDTH = 30;

struct PluginOptions {
    std::string name, pins;
    bool accept_license = false, offline = false, json = false;
};

std::vector<plugins::Pin> pins_of(const PluginOptions& options) {
    return options.pins.empty() ? plugins::pins() : plugins::read_pins(options.pins);
}

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

/// Refuses machines that the pinned wheels are not for.
void check_machine() {
    utsname machine{};
    uname(&machine);
    if (std::string_view(machine.machine) != "x86_64")
        fail(Code::UNIMPLEMENTED,
             "plugin install: the wheels are for x86_64, this machine is {}; name a plugin's file "
             "with --plugin or PJRT_NAMES_AND_LIBRARY_PATHS",
             machine.machine);
}

/// Shows the licence and returns when the user accepts it.
void ask_for_license(const plugins::Pin& pin, bool accepted) {
    fmt::print(stderr, "{} {} ({:.0f} MB) comes under this licence:\n\n{}\n\n", pin.package, pin.version,
               megabytes(pin.size), pin.license);
    if (accepted) return;
    if (isatty(STDIN_FILENO) == 0)
        fail(Code::INVALID_ARGUMENT, "plugin install: nobody is here to accept the licence; add --accept-license");
    fmt::print(stderr, "Do you accept it? [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes")
        fail(Code::CANCELLED, "plugin install: the licence was not accepted; nothing was fetched");
}

/// Draws how far a download is, on one line of a terminal; nothing where stderr is none.
class ProgressBar {
public:
    explicit ProgressBar(std::uint64_t total) : total_(std::max<std::uint64_t>(total, 1)) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() {
        if (shown_ >= 0) fmt::print(stderr, "\n");
    }
    void show(std::uint64_t done) {
        const int percent = static_cast<int>(100 * done / total_);
        if (!is_terminal_ || percent == shown_) return;
        shown_ = percent;
        const auto filled = static_cast<std::size_t>(percent * BAR_WIDTH / 100);
        fmt::print(stderr, "\r[{:<{}}] {:3} %  {:.0f} of {:.0f} MB", std::string(filled, '='), BAR_WIDTH, percent,
                   megabytes(done), megabytes(total_));
        std::fflush(stderr);
    }

private:
    std::uint64_t total_;
    bool is_terminal_ = isatty(STDERR_FILENO) != 0;
    int shown_ = -1;
};

int install(const PluginOptions& options) {
    const auto rows = pins_of(options);
    const auto& pin = plugins::find_pin(rows, options.name);
    check_machine();
    ask_for_license(pin, options.accept_license);
    plugins::Installed made;
    {
        ProgressBar bar(pin.size);
        made = plugins::install(pin, plugins::user_folders(),
                                {.offline = options.offline, .progress = [&](std::uint64_t done) { bar.show(done); }});
    }
    if (options.json) {
        fmt::print(
            "{}\n",
            ordered_json{
                {"format", 1}, {"installed", made.name}, {"version", made.version}, {"library", made.library.string()}}
                .dump());
        return EXIT_DONE;
    }
    fmt::print("installed {} {}: {}\n", made.name, made.version, made.library.string());
    if (!pin.note.empty()) fmt::print("{}\n", pin.note);
    return EXIT_DONE;
}

int list(const PluginOptions& options) {
    const auto installed = plugins::list(plugins::user_folders());
    const auto find = [&](const std::string& name) {
        return std::find_if(installed.begin(), installed.end(),
                            [&](const plugins::Installed& row) { return row.name == name; });
    };
    auto rows = ordered_json::array();
    for (const auto& pin : pins_of(options)) {
        const auto found = find(pin.name);
        const bool is_there = found != installed.end();
        rows.push_back({{"name", pin.name},
                        {"package", pin.package},
                        {"pinned", pin.version},
                        {"sha256", pin.sha256},
                        {"installed", is_there ? ordered_json(found->version) : ordered_json()},
                        {"library", is_there ? ordered_json(found->library.string()) : ordered_json()}});
        if (!options.json)
            fmt::print(
                "{:<7} {:<16} {:<8} {}\n", pin.name, pin.package, is_there ? found->version : pin.version,
                is_there ? found->library.string() : fmt::format("not installed, {:.0f} MB", megabytes(pin.size)));
    }
    if (options.json) fmt::print("{}\n", ordered_json{{"format", 1}, {"plugins", rows}}.dump());
    return EXIT_DONE;
}

int remove(const PluginOptions& options) {
    plugins::remove(options.name, plugins::user_folders());
    if (options.json)
        fmt::print("{}\n", ordered_json{{"format", 1}, {"removed", options.name}}.dump());
    else
        fmt::print("removed {}\n", options.name);
    return EXIT_DONE;
}

}  // namespace

void add_plugin(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("plugin", "fetches, lists and removes plugins");
    verb->require_subcommand(1);
    verb->footer(std::string(PLUGIN_EXAMPLES));
    const auto options = std::make_shared<PluginOptions>();
    const auto add = [&](const char* name, const char* help, int (*action)(const PluginOptions&)) {
        auto* made = verb->add_subcommand(name, help);
        made->add_flag("--json", options->json, "one JSON object on stdout");
        made->add_option("--pins", options->pins, "other wheels than podium's own, for tests")->group("");
        made->footer(std::string(PLUGIN_EXAMPLES));
        made->final_callback([&run, options, action] { run = [options, action] { return action(*options); }; });
        return made;
    };
    auto* installing = add("install", "fetches a plugin's pinned wheel and unpacks it", install);
    installing->add_option("name", options->name, "cpu, tpu, cuda, onednn or parquet")->required();
    installing->add_flag("--accept-license", options->accept_license, "accepts the licence that is shown");
    installing->add_flag("--offline", options->offline, "uses no network: the wheel is in the cache already");
    add("list", "the plugins that there are, and which are installed", list);
    add("remove", "removes an installed plugin and its wheel", remove)
        ->add_option("name", options->name, "as list shows it")
        ->required();
}

}  // namespace podium
