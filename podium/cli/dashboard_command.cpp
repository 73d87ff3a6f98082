#include "podium/cli/dashboard_command.h"

#include <fmt/format.h>

#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "podium/dashboard/server.h"

namespace podium {
namespace {

/// Serves until SIGINT or SIGTERM.
int serve(const std::vector<std::string>& runs, int port, bool json) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before threads begin: they inherit it
    const DashboardServer server({runs.begin(), runs.end()}, port);
    const auto url = fmt::format("http://127.0.0.1:{}/", server.port());
    if (json)
        fmt::print("{}\n", nlohmann::ordered_json{{"format", 1}, {"url", url}}.dump());
    else
        fmt::print("{}\n", url);
    std::fflush(stdout);
    fmt::print(stderr, "the page is on this machine only; Ctrl-C ends it\n");
    int signal = 0;
    sigwait(&signals, &signal);
    return 0;
}

}  // namespace

void add_dashboard(CLI::App& app, std::function<int()>& run) {
    struct Flags {
        std::vector<std::string> runs;
        std::uint16_t port = 0;
        bool json = false;
    };
    const auto flags = std::make_shared<Flags>();
    auto* const verb = app.add_subcommand("dashboard", "a live page of runs, on this machine");
    verb->add_option("runs", flags->runs, "folders of the runs")->required();
    verb->add_option("--port", flags->port, "where to listen; else a port that is free");
    verb->add_flag("--json", flags->json, "one JSON object with the address on stdout");
    verb->footer(
        "Examples:\n"
        "  podium dashboard runs/first\n"
        "  podium dashboard runs/first runs/second --port 8000\n"
        "/metrics at that address is for Prometheus.");
    verb->callback([flags, &run] { run = [flags] { return serve(flags->runs, flags->port, flags->json); }; });
}

}  // namespace podium
