#include "podium/proof/conformance.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include "podium/emit/lower.h"
#include "podium/emit/stablehlo.h"
#include "podium/proof/child.h"
#include "podium/proof/compare.h"
#include "podium/proof/run_text.h"
#include "podium/runtime/interp/interp.h"

namespace podium::proof {
namespace {

using Batch = std::vector<std::size_t>;  ///< positions of cases
constexpr std::size_t LARGEST_BATCH = 64;

/// Neighbours of one row that are given their operands in the same way.
std::deque<Batch> batches_of(std::span<const Case> cases) {
    std::deque<Batch> batches;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const bool alike = i > 0 && cases[i].op == cases[i - 1].op && cases[i].folded == cases[i - 1].folded;
        if (!alike || batches.back().size() == LARGEST_BATCH) batches.emplace_back();
        batches.back().push_back(i);
    }
    return batches;
}

std::pair<Batch, Batch> halves(const Batch& batch) {
    const auto middle = batch.begin() + std::ssize(batch) / 2;
    return {Batch(batch.begin(), middle), Batch(middle, batch.end())};
}

std::vector<HostArray> reference(const Program& program) {
    return Interpreter(program.graph).run_together(std::array{program.arguments})[0];  // one device is all of them
}

Finding judged(const Difference& difference) {
    return {difference.exact     ? Verdict::EXACT
            : difference.allowed ? Verdict::CLOSE
                                 : Verdict::WRONG,
            difference.ulps, difference.text};
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

void tell(std::size_t position, const Finding& finding, const Report& report) {
    report(fmt::format("{} {} {} {}", position, static_cast<int>(finding.verdict), finding.ulps,
                       one_line(finding.detail)));
}

/// Returns the cases that the runner does not refuse before compiling; reports the others.
Batch accepted(const Batch& batch, std::span<const Case> cases, const Runner& runner, const Report& report) {
    Batch rest;
    for (const auto i : batch) {
        try {
            runner.accept(program_of(cases.subspan(i, 1)));
            rest.push_back(i);
        } catch (const Error& error) {
            tell(i, {Verdict::REFUSED, 0, error.what()}, report);
        }
    }
    return rest;
}

/// In the child: runs cases together, and reports one line each. Those that fail together are run by halves.
void run(const Batch& batch, std::span<const Case> cases, const Runner& runner, const Report& report) {
    if (batch.empty()) return;
    std::vector<Case> chosen;
    for (const auto i : batch) chosen.push_back(cases[i]);
    try {
        const auto program = program_of(chosen);
        const auto found = runner.run(program), expected = reference(program);
        const auto without_denormals = found == expected ? expected : reference(program_of(chosen, Denormals::FLUSHED));
        std::size_t result = 0;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            Finding worst{.verdict = Verdict::EXACT};
            for (; result < program.ends[i]; ++result) {
                const auto finding = judged(compare(tolerance_of(*chosen[i].op), chosen[i].type, found[result],
                                                    expected[result], without_denormals[result]));
                if (std::pair(finding.verdict, finding.ulps) > std::pair(worst.verdict, worst.ulps)) worst = finding;
            }
            tell(batch[i], worst, report);
        }
    } catch (const Error& error) {
        if (batch.size() == 1) return tell(batch[0], {Verdict::REFUSED, 0, error.what()}, report);
        const auto [front, back] = halves(batch);
        run(front, cases, runner, report);
        run(back, cases, runner, report);
    }
}

}  // namespace

std::string_view name(Verdict verdict) {
    constexpr std::array<std::string_view, 5> NAMES{"exact", "close", "wrong", "crashed", "refused"};
    return NAMES[static_cast<std::size_t>(verdict)];
}

std::vector<Finding> conform(std::span<const Case> cases, const MakeRunner& make_runner) {
    std::vector<Finding> findings(cases.size());
    std::vector<bool> known(cases.size());
    auto pending = batches_of(cases);
    while (!pending.empty()) {
        const auto death = run_in_fork(
            [&](const Report& report) {
                const auto runner = make_runner();
                for (const auto& batch : pending) run(accepted(batch, cases, runner, report), cases, runner, report);
            },
            [&](std::string_view line) {
                std::size_t i = 0;
                int verdict = 0, read = 0;
                Finding finding;
                std::sscanf(line.data(), "%zu %d %lf %n", &i, &verdict, &finding.ulps, &read);
                finding.verdict = static_cast<Verdict>(verdict);
                finding.detail = line.substr(std::min(line.size(), static_cast<std::size_t>(read)));
                findings.at(i) = std::move(finding);
                known.at(i) = true;
            });
        while (!pending.empty()) {
            auto& batch = pending.front();
            std::erase_if(batch, [&](std::size_t i) { return known[i]; });
            if (!batch.empty()) break;
            pending.pop_front();
        }
        if (death.empty() || pending.empty()) continue;
        const auto guilty = std::move(pending.front());
        pending.pop_front();
        if (guilty.size() == 1) {
            findings[guilty[0]] = {Verdict::CRASHED, 0, death};
            continue;
        }
        auto [front, back] = halves(guilty);
        pending.push_front(std::move(back));
        pending.push_front(std::move(front));
    }
    return findings;
}

MakeRunner plugin_runner(std::string path, DeviceType type, bool raw) {
    return [path = std::move(path), type, raw]() -> Runner {
        const auto backend = std::make_shared<PjrtBackend>(*PjrtPlugin::load(path).value(), type, 1);
        const auto run = [backend, type, raw](const Program& program) {
            const Mesh mesh{Device(type)};
            if (raw) {
                const auto text = stablehlo(program.graph, mesh, {.locations = false, .cpu_forms = false});
                return run_text(*backend, type, {.text = text, .mesh = mesh, .name = program.graph.name},
                                program.arguments, {.safe_defaults = false});
            }
            return run_executable(*backend, *backend->compile(program.graph, mesh, {}), type, program.arguments);
        };
        const bool has_forms = type == DeviceType::CPU && !raw;
        return {run, [has_forms](const Program& program) { lower(program.graph, has_forms); }};
    };
}

}  // namespace podium::proof
