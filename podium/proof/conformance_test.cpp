#include "podium/proof/conformance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "podium/ir/ops.h"
#include "podium/proof/makers.h"
#include "podium/runtime/interp/interp.h"

namespace podium::proof {
namespace {

MakeRunner cpu_plugin(bool raw) { return plugin_runner("build/plugins/cpu/xla_cpu_pjrt.so", DeviceType::CPU, raw); }

/// A plugin that is right: the interpreter.
Runner right_runner() {
    return {[](const Program& program) {
        return Interpreter(program.graph).run_together(std::array{program.arguments})[0];
    }};
}

std::int64_t count(std::span<const Finding> findings, Verdict verdict) {
    return std::ranges::count(findings, verdict, &Finding::verdict);
}

TEST(Conformance, EveryRowHasSamplesOrAReasonWhyNot) {
    for (const Op* op : all_ops()) {
        const auto excused = std::ranges::count(rows_without_cases(), op, &Excused::op);
        EXPECT_EQ(excused + (maker_of(*op) != nullptr ? 1 : 0), 1) << op->name << ": a maker, or a reason, not both";
    }
}

TEST(Conformance, SamplesOfEveryTypeThatARowTakesCanBeRecorded) {
    for (const Case& each : sample_cases(all_ops(), 1, 1))
        EXPECT_NO_THROW(program_of(std::array{each})) << to_string(each);
}

TEST(Conformance, ACaseIsTheSameAgainWhateverElseIsAskedFor) {
    const std::array<const Op*, 1> one{&add};
    const auto all = sample_cases(all_ops(), 3, 1), alone = sample_cases(one, 3, 1);
    const auto first = std::ranges::find(all, &add, &Case::op);
    for (std::size_t i = 0; i < alone.size(); ++i) {
        EXPECT_EQ(to_string(alone[i]), to_string(first[static_cast<std::ptrdiff_t>(i)]));
        EXPECT_EQ(program_of(std::array{alone[i]}).arguments, program_of(std::array{alone[i]}).arguments);
    }
}

TEST(Conformance, ARightPluginIsExact) {
    const std::array<const Op*, 3> ops{&add, &exp, &rows::gather};
    const auto cases = sample_cases(ops, 1, 1);
    EXPECT_EQ(count(conform(cases, right_runner), Verdict::EXACT), std::ssize(cases));
}

TEST(Conformance, ACrashIsLaidToTheCaseThatCausesIt) {
    const std::array<const Op*, 1> ops{&add};
    const auto cases = sample_cases(ops, 1, 1);
    const auto findings = conform(cases, []() -> Runner {
        return {[right = right_runner()](const Program& program) {
            for (const auto& result : program.graph.results)
                if (result.type() == DataType::INT16) std::abort();
            return right.run(program);
        }};
    });
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const bool dies = cases[i].type == DataType::INT16;
        EXPECT_EQ(findings[i].verdict, dies ? Verdict::CRASHED : Verdict::EXACT) << to_string(cases[i]);
        EXPECT_EQ(findings[i].detail, dies ? "SIGABRT" : "");
    }
}

TEST(Conformance, ADefectInACopiedRowIsFound) {
    Op broken = add;
    broken.stablehlo = "stablehlo.subtract";
    const std::array<const Op*, 1> ops{&broken};
    for (const std::uint64_t seed : {1, 2, 3}) {
        const auto findings = conform(sample_cases(ops, seed, 1), cpu_plugin(false));
        EXPECT_GT(count(findings, Verdict::WRONG), std::ssize(findings) / 2);
    }
}

/// A known defect of the default plugin, and what it shows as.
struct Known {
    const Op* op;
    std::optional<DataType> type;  ///< any, where nothing is said
    bool folded;
    Verdict shows;
};
const std::array KNOWN{
    Known{&maximum, DataType::FLOAT32, false, Verdict::WRONG},
    Known{&minimum, DataType::FLOAT64, false, Verdict::WRONG},
    Known{&maximum, DataType::FLOAT32, true, Verdict::WRONG},
    Known{&add, DataType::BOOL, true, Verdict::WRONG},
    Known{&divide, DataType::INT32, true, Verdict::CRASHED},
    Known{&rows::bitcast_convert, DataType::BOOL, false, Verdict::CRASHED},
    Known{&rows::gather, std::nullopt, true, Verdict::WRONG},
    Known{&rows::dynamic_slice, std::nullopt, true, Verdict::WRONG},
};

TEST(Conformance, KnownDefectsAreFoundFromAnySeed) {
    const char* const asked = std::getenv("PODIUM_DEFECT_SEEDS");  // three in the slow suite
    const std::uint64_t seeds = asked == nullptr ? 1 : std::stoull(asked);
    for (std::uint64_t seed = 11; seed < 11 + seeds; ++seed)
        for (const auto& known : KNOWN) {
            const std::array<const Op*, 1> ops{known.op};
            const auto cases = sample_cases(ops, seed, 4);
            const auto findings = conform(cases, cpu_plugin(true));
            bool found = false;
            for (std::size_t i = 0; i < cases.size(); ++i)
                found = found || (cases[i].type == known.type.value_or(cases[i].type) &&
                                  cases[i].folded == known.folded && findings[i].verdict == known.shows);
            EXPECT_TRUE(found) << known.op->name << " seed " << seed;
        }
}

TEST(Conformance, UsersDoNotSeeThem) {
    const std::array<const Op*, 20> ops{&maximum,
                                        &minimum,
                                        &add,
                                        &divide,
                                        &remainder,
                                        &power,
                                        &popcnt,
                                        &count_leading_zeros,
                                        &log1p,
                                        &atanh,
                                        &atan2,
                                        &cbrt,
                                        &rows::bitcast_convert,
                                        &rows::gather,
                                        &rows::scatter,
                                        &rows::dynamic_slice,
                                        &rows::dynamic_update_slice,
                                        &rows::top_k,
                                        &rows::tuple,
                                        &rows::concatenate};
    const auto cases = sample_cases(ops, 11, 2);
    const auto findings = conform(cases, cpu_plugin(false));
    for (std::size_t i = 0; i < cases.size(); ++i)
        EXPECT_TRUE(findings[i].verdict != Verdict::WRONG && findings[i].verdict != Verdict::CRASHED)
            << to_string(cases[i]) << ": " << findings[i].detail;
}

}  // namespace
}  // namespace podium::proof
