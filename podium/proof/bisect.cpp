#include "podium/proof/bisect.h"

#include <algorithm>
#include <chrono>

namespace podium::proof {
namespace {

/// Flags that turn something off, or make the compiler do less. Those that a plugin does not know it refuses.
const std::vector<Toggle>& flag_toggles() {
    static const auto whole = [](std::int64_t number) { return XlaOptions::Value(number); };
    static const std::vector<Toggle> ROWS{
        {Lever::FLAG, "xla_cpu_enable_fast_min_max", false},
        {Lever::FLAG, "xla_cpu_use_fusion_emitters", false},
        {Lever::FLAG, "xla_cpu_use_xnnpack", false},
        {Lever::FLAG, "xla_cpu_use_onednn", false},
        {Lever::FLAG, "xla_cpu_enable_fast_math", false},
        {Lever::FLAG, "xla_cpu_enable_platform_dependent_math", false},
        {Lever::FLAG, "xla_cpu_strict_dot_conv_math", true},
        {Lever::FLAG, "xla_allow_excess_precision", false},
        {Lever::FLAG, "xla_hlo_evaluator_use_fast_path", false},
        {Lever::FLAG, "xla_backend_optimization_level", whole(0)},
        {Lever::FLAG, "xla_llvm_disable_expensive_passes", true},
        {Lever::FLAG, "xla_cpu_disable_slp_vectorizer", true},
        {Lever::FLAG, "xla_cpu_disable_loop_unrolling", true},
        {Lever::FLAG, "xla_cpu_prefer_vector_width", whole(128)},
        {Lever::FLAG, "xla_cpu_max_isa", std::string("SSE4_2")},
        {Lever::FLAG, "xla_cpu_parallel_codegen_split_count", whole(1)},
        {Lever::FLAG, "xla_cpu_multi_thread_eigen", false},
        {Lever::FLAG, "xla_cpu_enable_concurrency_optimized_scheduler", false},
        {Lever::FLAG, "xla_cpu_copy_insertion_use_region_analysis", false},
    };
    return ROWS;
}

class Search {
public:
    Search(const Place& place, const Suspect& suspect, const Progress& progress)
        : place_(place), suspect_(suspect), progress_(progress) {}

    Outcome outcome(std::span<const Toggle> toggles) const {
        return observe(place_, std::array{with(toggles)})[0].outcome;
    }

    /// Returns the outcome with each of the toggles alone.
    std::vector<Outcome> singles(std::span<const Toggle> toggles) const {
        std::vector<Trial> trials;
        for (std::size_t i = 0; i < toggles.size(); ++i) trials.push_back(with(toggles.subspan(i, 1)));
        std::vector<Outcome> outcomes;
        for (const auto& each : observe(place_, trials)) outcomes.push_back(each.outcome);
        return outcomes;
    }

    /// Appends to `found` those that mend alone, by halves: where all together neither mend nor break anything else,
    /// none of them does.
    void halves(std::span<const Toggle> toggles, Outcome before, std::vector<Toggle>& found) const {
        if (toggles.empty()) return;
        progress_(fmt::format("{} changed together", toggles.size()));
        const auto now = outcome(toggles);
        if (now == before) return;
        if (toggles.size() == 1) {
            if (now == Outcome::AGREES) found.push_back(toggles[0]);
            return;
        }
        halves(toggles.first(toggles.size() / 2), before, found);
        halves(toggles.subspan(toggles.size() / 2), before, found);
    }

    /// Returns the fewest of the toggles that still mend together: pieces are left out as long as that holds.
    std::vector<Toggle> fewest(std::vector<Toggle> toggles) const {
        for (auto piece = toggles.size() / 2; piece > 0; piece /= 2)
            for (std::size_t begin = 0; begin < toggles.size();) {
                auto rest = toggles;
                const auto first = rest.begin() + static_cast<std::ptrdiff_t>(begin);
                rest.erase(first, first + static_cast<std::ptrdiff_t>(std::min(piece, toggles.size() - begin)));
                if (!rest.empty() && outcome(rest) == Outcome::AGREES)
                    toggles = std::move(rest);
                else
                    begin += piece;
            }
        return toggles;
    }

private:
    Trial with(std::span<const Toggle> toggles) const {
        Trial trial = trial_of(suspect_);
        for (const auto& toggle : toggles) trial = with_toggle(suspect_, std::move(trial), toggle);
        return trial;
    }

    const Place& place_;
    const Suspect& suspect_;
    const Progress& progress_;
};

}  // namespace

std::string to_string(const Toggle& toggle) {
    const auto value = std::visit([](const auto& each) { return fmt::format("{}", each); }, toggle.value);
    switch (toggle.lever) {
        case Lever::PASS: return "xla_disable_hlo_passes=" + toggle.name;
        case Lever::FLAG: return fmt::format("{}={}", toggle.name, value);
        case Lever::GIVEN: return fmt::format("without {}={}", toggle.name, value);
        case Lever::ARGUMENTS: return "constants given as arguments";
    }
    return {};
}

Trial with_toggle(const Suspect& suspect, Trial trial, const Toggle& toggle) {
    auto& flags = trial.compiled.options.flags;
    if (toggle.lever == Lever::PASS) {
        const auto* const before = std::get_if<std::string>(&flags["xla_disable_hlo_passes"]);
        flags["xla_disable_hlo_passes"] = before == nullptr ? toggle.name : *before + "," + toggle.name;
    }
    if (toggle.lever == Lever::FLAG) flags[toggle.name] = toggle.value;
    if (toggle.lever == Lever::GIVEN) flags.erase(toggle.name);
    if (toggle.lever == Lever::ARGUMENTS) {
        std::vector<std::string> results;
        std::set<std::string> given;
        results.reserve(trial.program.results.size());
        for (const auto& result : trial.program.results) results.push_back(result.name);
        for (const auto& statement : trial.program.statements)
            if (statement.uses.empty() && statement.results.size() == 1 &&
                suspect.values.contains(statement.results[0].name))
                given.insert(statement.results[0].name);
        Trial changed = trial_of(suspect, part_of(trial.program, results, given));
        changed.compiled = std::move(trial.compiled);
        return changed;
    }
    return trial;
}

Culprits find_culprits(const Place& place, const Suspect& suspect, const Progress& progress) {
    constexpr double PATIENCE_S = 60;
    const Search search(place, suspect, progress);
    const auto start = std::chrono::steady_clock::now();
    const auto before = search.outcome({});
    const std::chrono::duration<double> once = std::chrono::steady_clock::now() - start;
    std::vector<Toggle> passes, flags;
    for (auto& pass : passes_of(place, trial_of(suspect))) passes.push_back({Lever::PASS, std::move(pass)});
    for (const auto& [name, value] : suspect.compiled.options.flags) flags.push_back({Lever::GIVEN, name, value});
    for (const auto& toggle : flag_toggles()) {
        const auto given = suspect.compiled.options.flags.find(toggle.name);
        if (given == suspect.compiled.options.flags.end() || given->second != toggle.value) flags.push_back(toggle);
    }

    Culprits culprits{.passes = passes.size(), .flags = flags.size()};
    std::vector<Toggle> harmless;
    const auto try_each = [&](std::span<const Toggle> toggles) {
        const auto outcomes = search.singles(toggles);
        for (std::size_t i = 0; i < toggles.size(); ++i)
            if (outcomes[i] == Outcome::AGREES)
                culprits.alone.push_back(toggles[i]);
            else if (outcomes[i] == before)
                harmless.push_back(toggles[i]);
    };
    const auto try_all = [&](std::span<const Toggle> toggles, std::string_view what) {
        progress(fmt::format("{} {}, one at a time", toggles.size(), what));
        if (once.count() * static_cast<double>(toggles.size()) < PATIENCE_S)
            try_each(toggles);
        else
            search.halves(toggles, before, culprits.alone);
    };
    try_all(passes, "passes of the compiler turned off");
    try_all(flags, "flags changed");
    try_each(std::array{Toggle{Lever::ARGUMENTS, {}}});
    if (!culprits.alone.empty()) return culprits;
    progress(fmt::format("none mends it alone: {} together", harmless.size()));
    if (!harmless.empty() && search.outcome(harmless) == Outcome::AGREES)
        culprits.together = search.fewest(std::move(harmless));
    return culprits;
}

}  // namespace podium::proof
