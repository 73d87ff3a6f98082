#include "podium/cli/bench_command.h"

#include "podium/base/nearest.h"
#include "podium/bench/bench.h"
#include "podium/cli/child_process.h"
#include "podium/cli/exit_codes.h"
#include "podium/exec/compile.h"
#include "podium/exec/kernel_choice.h"

namespace podium {
namespace {

constexpr std::string_view BENCH_EXAMPLES = R"(Examples:
  podium bench                                  the cases there are
  podium bench gpt_step mlp_step
  podium bench gpt_step --json --dump programs  also writes the program, and what the compiler made of it
The work is defined once for all peers, so first losses agree. Compare only what ran on the same machine in turn.)";

struct BenchOptions {
    std::vector<std::string> names;
    bench::Options bench;
    std::string kernels = "measured";
    bool json = false, cache = false, is_child = false;
};

const bench::Case& case_named(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& row : bench::cases()) {
        if (row.name == name) return row;
        names.emplace_back(row.name);
    }
    const auto near = nearest(name, names);
    fail(Code::INVALID_ARGUMENT, "bench: no case \"{}\"; {}", name,
         near.empty() ? "podium bench lists them" : fmt::format("did you mean \"{}\"?", near));
}

int list_cases() {
    for (const auto& row : bench::cases()) fmt::print("{:24} {}\n", row.name, row.summary);
    return EXIT_DONE;
}

int measure(const bench::Case& row, const BenchOptions& options) {
    if (options.is_child) follow_parent();
    if (!options.cache) set_program_cache({});
    if (options.kernels != "measured") choose_kernels(kernel_choice_named(options.kernels));
    const auto line = bench::to_json(row, row.run(options.bench));
    if (options.json)
        fmt::print("{}\n", line.dump());
    else
        fmt::print("{:24} median {:.6g} ms  least {:.6g} ms  of {}\n", row.name, line["median_ms"].get<double>(),
                   line["min_ms"].get<double>(), line["n"].get<std::size_t>());
    return EXIT_DONE;
}

/// Each of several cases gets a process of its own: memory, caches and the time since exec are its own, too.
int measure_apart(const BenchOptions& options) {
    for (const auto& name : options.names) {
        std::vector<std::string> words{"bench", name, fmt::format("--seconds={}", options.bench.seconds),
                                       "--kernels=" + options.kernels};
        if (!options.bench.dump.empty()) words.push_back("--dump=" + options.bench.dump);
        if (options.json) words.emplace_back("--json");
        if (options.cache) words.emplace_back("--cache");
        if (const int code = run_in_child(words, "bench " + name); code != EXIT_DONE) return code;
    }
    return EXIT_DONE;
}

int measure_cases(const BenchOptions& options) {
    if (options.names.empty()) return list_cases();
    std::vector<const bench::Case*> chosen;
    chosen.reserve(options.names.size());
    for (const auto& name : options.names) chosen.push_back(&case_named(name));
    return chosen.size() == 1 ? measure(*chosen.front(), options) : measure_apart(options);
}

}  // namespace

void add_bench(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("bench", "Measure step time, dispatch, start-up and memory");
    const auto options = std::make_shared<BenchOptions>();
    verb->add_option("cases", options->names, "cases to measure; none lists them");
    verb->add_flag("--json", options->json, "one JSON object a case on stdout, under the peers' keys");
    verb->add_option("--seconds", options->bench.seconds, "how long a case is measured at most")->capture_default_str();
    verb->add_option("--kernels", options->kernels, "as of podium train")->capture_default_str();
    verb->add_flag("--cache", options->cache, "take programs from the cache on disk: a start that is warm");
    verb->add_option("--dump", options->bench.dump, "folder for the programs' text");
    add_child_flag(*verb, options->is_child);
    verb->footer(std::string(BENCH_EXAMPLES));
    verb->callback([options, &run] { run = [options] { return measure_cases(*options); }; });
}

}  // namespace podium
