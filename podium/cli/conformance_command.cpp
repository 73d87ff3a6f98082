#include "podium/cli/conformance_command.h"

#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "podium/cli/exit_codes.h"
#include "podium/ir/ops.h"
#include "podium/proof/conformance.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium {
namespace {

using proof::Case;
using proof::Finding;
using proof::Verdict;

constexpr std::string_view CONFORMANCE_EXAMPLES = R"(Examples:
  podium conformance                             every operation on the CPU's plugin, a line for each
  podium conformance --op divide --json          one operation; one line for each case that is not exact
  podium conformance --plugin libtpu.so --device tpu
  podium conformance --raw --seed 7              the plugin as it is, without podium's flags and rewrites
Programs run in processes of their own, so a plugin that crashes is a finding. Ends with code 5 where something is wrong
or crashed.)";

constexpr std::size_t VERDICTS = 5;
using Counts = std::array<std::int64_t, VERDICTS>;

struct ConformanceOptions {
    std::string plugin, op, device = "cpu";
    std::uint64_t seed = 0;
    int repeats = 1;
    bool raw = false, json = false, all = false;
};

std::vector<const Op*> chosen_ops(const std::string& wanted) {
    std::vector<const Op*> ops;
    for (const Op* op : all_ops())
        if (wanted.empty() || op->name == wanted) ops.push_back(op);
    if (ops.empty()) fail(Code::NOT_FOUND, "conformance: there is no operation \"{}\"; podium ops lists them", wanted);
    for (const auto& [op, reason] : proof::rows_without_cases())
        if (ops.size() == 1 && ops[0] == op)
            fail(Code::INVALID_ARGUMENT, "conformance: {} has nothing to compare: {}", wanted, reason);
    return ops;
}

nlohmann::ordered_json to_json(const Case& sample, const Finding& finding) {
    return {{"op", sample.op->name},
            {"dtype", name(sample.type)},
            {"operands", sample.folded ? "constants" : "arguments"},
            {"seed", sample.seed},
            {"verdict", proof::name(finding.verdict)},
            {"ulps", std::isfinite(finding.ulps) ? nlohmann::ordered_json(finding.ulps) : nlohmann::ordered_json()},
            {"detail", finding.detail}};
}

void print_table(std::span<const Case> cases, std::span<const Finding> findings) {
    constexpr std::string_view LINE = "{:<26}{:>7}{:>7}{:>7}{:>9}{:>9}  {}\n";
    fmt::print(LINE, "operation", "exact", "close", "wrong", "crashed", "refused", "worst");
    for (std::size_t i = 0; i < cases.size();) {
        const Op* const op = cases[i].op;
        Counts counts{};
        std::size_t worst = i;
        for (; i < cases.size() && cases[i].op == op; ++i) {
            ++counts[static_cast<std::size_t>(findings[i].verdict)];
            const auto rank = [&](std::size_t k) {
                const bool bad = findings[k].verdict == Verdict::WRONG || findings[k].verdict == Verdict::CRASHED;
                return std::pair(bad, findings[k].ulps);
            };
            if (rank(i) > rank(worst)) worst = i;
        }
        const auto& finding = findings[worst];
        fmt::print(LINE, op->name, counts[0], counts[1], counts[2], counts[3], counts[4],
                   finding.verdict == Verdict::EXACT
                       ? ""
                       : fmt::format("{} {:.3g} ULP: {}", name(cases[worst].type), finding.ulps, finding.detail));
    }
}

/// A line for each case that is wrong or crashed, to be run as it stands.
void print_bad(std::span<const Case> cases, std::span<const Finding> findings, const ConformanceOptions& options) {
    for (std::size_t i = 0; i < cases.size(); ++i)
        if (findings[i].verdict == Verdict::WRONG || findings[i].verdict == Verdict::CRASHED)
            fmt::print("{}: podium bisect \"{}\"{}\n", proof::name(findings[i].verdict), to_string(cases[i]),
                       options.raw ? " --raw" : "");
}

int check(const ConformanceOptions& options) {
    const auto ops = chosen_ops(options.op);
    const Device device(options.device);
    const auto path = options.plugin.empty() ? find_plugin(device.type).value().path : options.plugin;
    const auto start = std::chrono::steady_clock::now();
    const auto cases = proof::sample_cases(ops, options.seed, options.repeats);
    const auto findings = proof::conform(cases, proof::plugin_runner(path, device.type, options.raw));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    Counts counts{};
    for (const auto& finding : findings) ++counts[static_cast<std::size_t>(finding.verdict)];
    if (!options.json) print_table(cases, findings);
    if (options.json)
        for (std::size_t i = 0; i < cases.size(); ++i)
            if (findings[i].verdict != Verdict::EXACT) fmt::print("{}\n", to_json(cases[i], findings[i]).dump());
    nlohmann::ordered_json total{{"cases", cases.size()}};
    for (std::size_t i = 0; i < VERDICTS; ++i) total[std::string(proof::name(static_cast<Verdict>(i)))] = counts[i];
    total["seconds"] = seconds.count();
    if (options.json)
        fmt::print("{}\n", total.dump());
    else
        print_bad(cases, findings, options);
    if (!options.json)
        fmt::print("{} cases of seed {} in {:.1f} s: {} exact, {} close, {} wrong, {} crashed, {} refused\n",
                   cases.size(), options.seed, seconds.count(), counts[0], counts[1], counts[2], counts[3], counts[4]);
    const auto bad =
        counts[static_cast<std::size_t>(Verdict::WRONG)] + counts[static_cast<std::size_t>(Verdict::CRASHED)];
    return bad == 0 ? EXIT_DONE : EXIT_DEVICE;
}

}  // namespace

void add_conformance(CLI::App& app, std::function<int()>& run) {
    auto* verb = app.add_subcommand("conformance", "compare a plugin's operations with the reference");
    const auto options = std::make_shared<ConformanceOptions>();
    verb->add_option("--plugin", options->plugin, "a PJRT plugin's file, instead of the one that is found");
    verb->add_option("--device", options->device, "what the plugin runs on; cpu where not said");
    verb->add_option("--op", options->op, "only this operation");
    verb->add_option("--seed", options->seed, "another number gives other cases; 0 where not said");
    verb->add_option("--repeats", options->repeats, "cases of each type; 1 where not said")->check(CLI::Range(1, 1000));
    verb->add_flag("--raw", options->raw, "the plugin as it is: without podium's protective flags and rewrites");
    verb->add_flag("--json", options->json, "a line of JSON for each case that is not exact, then one of totals");
    verb->footer(std::string(CONFORMANCE_EXAMPLES));
    verb->final_callback([&run, options] { run = [options] { return check(*options); }; });
}

}  // namespace podium
