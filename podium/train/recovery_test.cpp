#include "podium/train/recovery.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/checkpoint/checkpoint.h"
#include "podium/config/config.h"
#include "podium/exec/device_fault.h"
#include "tests/support/error_of.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

using test::error_of;

/// A fault in the step's program while it lives.
struct Fault {
    explicit Fault(std::string_view text) { set_device_fault_hook(parse_device_fault(text)); }
    explicit Fault(DeviceFaultHook hook) { set_device_fault_hook(std::move(hook)); }
    Fault(const Fault&) = delete;
    Fault& operator=(const Fault&) = delete;
    ~Fault() { set_device_fault_hook({}); }
};

/// Returns the changes of a run in f64, whose losses differ by roundings only where the maths is the same.
ConfigChanges in_f64(std::vector<std::string> more = {}, std::optional<std::string> mesh = {}) {
    more.emplace_back("model.precision={parameters: f64, compute: f64}");
    return {.overrides = std::move(more), .mesh = std::move(mesh)};
}

/// Returns "remedy from N" of each recovery.
std::vector<std::string> recoveries_of(const std::filesystem::path& run) {
    std::vector<std::string> found;
    for (const auto& event : read_events(run / "metrics.jsonl")) {
        if (event.name != "recovery") continue;
        EXPECT_GE(event.number("seconds").value_or(-1), 0);
        EXPECT_FALSE(std::get<std::string>(*event.find("reason")).empty());
        found.push_back(fmt::format("{} from {}, {} again", std::get<std::string>(*event.find("remedy")),
                                    event.number("from_step").value_or(-1), event.number("steps_redone").value_or(-1)));
    }
    return found;
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << "step " << i + 1;
}

/// One row of the table under a fault: what is tried, and that the losses are those of an undisturbed run.
struct Case {
    const char* fault;
    std::vector<std::string> changes;
    std::optional<std::string> mesh;
    std::vector<std::string> recoveries;
};

const std::vector<Case>& same_maths_cases() {
    static const std::vector<Case> cases{
        {"OUT_OF_MEMORY:EXECUTE:train_step:7", {}, {}, {"free_caches from 4, 1 again"}},
        {"OUT_OF_MEMORY:EXECUTE:train_step:2", {}, {}, {"free_caches from 0, 0 again"}},
        {"UNAVAILABLE:EXECUTE:train_step:7", {}, {}, {"newest_checkpoint from 4, 1 again"}},
        {"COMPILE_FAILED:COMPILE:train_step:1", {"xla.optimization_level=1"}, {}, {"without_options from 0, 0 again"}},
    };
    return cases;
}

TEST(Recovery, ReachesTheUndisturbedRunsLosses) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("whole", in_f64()));
    const auto expected = losses_of(runs / "whole");
    int number = 0;
    for (const auto& [fault, changes, mesh, recoveries] : same_maths_cases()) {
        const auto name = fmt::format("run{}", number++);
        {
            const Fault injected(fault);
            run(runs.fresh(name, in_f64(changes, mesh)));
        }
        EXPECT_EQ(recoveries_of(runs / name), recoveries) << fault;
        expect_near(losses_of(runs / name), expected, 1e-9);
    }
}

/// Makes compiling the step fail for want of memory so many times.
DeviceFaultHook no_memory_at_compiling(int times) {
    return [times, seen = std::make_shared<int>(0)](DeviceOperation at, std::string_view program) {
        const bool fails = at == DeviceOperation::COMPILE && program.starts_with("train_") && ++*seen <= times;
        return DeviceFault{.code = fails ? Code::OUT_OF_MEMORY : Code::OK};
    };
}

TEST(Recovery, WithoutMemoryGoesDownTheLadderAndKeepsTheBatchsMaths) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("whole", in_f64({}, "data=2")));
    {
        const Fault injected(no_memory_at_compiling(5));
        run(runs.fresh("ladder", in_f64({}, "data=2")));
    }
    EXPECT_EQ(recoveries_of(runs / "ladder"),
              (std::vector<std::string>{"free_caches from 0, 0 again", "smaller_micro_batch from 0, 0 again",
                                        "smaller_micro_batch from 0, 0 again", "remat from 0, 0 again",
                                        "host_offload from 0, 0 again"}));
    expect_near(losses_of(runs / "ladder"), losses_of(runs / "whole"), 1e-9);
    const auto stored = config::read_file<TrainConfig>(runs / "ladder/config.yaml");
    EXPECT_EQ(stored.train.micro_batches, 4) << "of the four samples of each device";
    EXPECT_TRUE(stored.model.remat);
    EXPECT_TRUE(stored.train.offload_optimizer);
    EXPECT_EQ(stored.train.batch, 8);
}

TEST(Recovery, TheLaddersEndSaysWhatWasTried) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const Fault injected(no_memory_at_compiling(1000));
    const auto error = error_of([&] { run(runs.fresh("a")); });
    EXPECT_EQ(error.code(), Code::OUT_OF_MEMORY);
    EXPECT_TRUE(error.message().ends_with(
        "; free_caches was tried 1 times; smaller_micro_batch was tried 3 times; remat was tried 1 times"))
        << error.message() << " (one CPU's memory is the host's: there is nowhere to move the optimizer's state to)";
    EXPECT_EQ(recoveries_of(runs / "a").size(), 5U);
    EXPECT_EQ(read_events(runs / "a/metrics.jsonl").back().name, "end");
}

TEST(Recovery, AProgramThatNeverCompilesIsReported) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const Fault injected("COMPILE_FAILED:COMPILE:train_step:1+");
    const auto error = error_of([&] { run(runs.fresh("a", {.overrides = {"xla.flags={xla_a_flag: true}"}})); });
    EXPECT_EQ(error.code(), Code::COMPILE_FAILED);
    EXPECT_EQ(recoveries_of(runs / "a").size(), 1U);
    EXPECT_NE(read_file(runs / "a/compile_failure.txt").find("injected fault"), std::string::npos);
}

TEST(Recovery, LostDevicesLeaveSmallerMeshesAndAnEndlessLossStops) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("whole", in_f64({}, "data=4")));
    {
        const auto hook = [seen = std::make_shared<int>(0)](DeviceOperation at, std::string_view program) {
            const bool step = at == DeviceOperation::EXECUTE && program == "train_step";
            const int count = step ? ++*seen : 0;
            return DeviceFault{.code = count == 7 || count == 9 ? Code::UNAVAILABLE : Code::OK};
        };
        const Fault injected(hook);
        run(runs.fresh("left", in_f64({}, "data=4")));
    }
    EXPECT_EQ(recoveries_of(runs / "left"),
              (std::vector<std::string>{"newest_checkpoint from 4, 1 again", "fewer_devices from 4, 0 again"}));
    expect_near(losses_of(runs / "left"), losses_of(runs / "whole"), 1e-9);
    EXPECT_EQ(config::read_file<TrainConfig>(runs / "left/config.yaml").mesh[0].second, 4);

    const Fault injected("UNAVAILABLE:EXECUTE:train_step:1+");
    EXPECT_EQ(error_of([&] { run(runs.fresh("none", {.mesh = "data=2"})); }).code(), Code::UNAVAILABLE);
    EXPECT_EQ(recoveries_of(runs / "none").size(), 2U) << "once more, then on one device";
}

TEST(Recovery, AnotherKindOfDeviceThatStaysLostLeavesTheCpu) {
    const TinyRuns runs(FAST_TO_COMPILE);
    run(runs.fresh("whole", in_f64()));
    auto on_interpreter = in_f64();
    on_interpreter.device = "interp";
    {
        const auto hook = [seen = std::make_shared<int>(0)](DeviceOperation at, std::string_view program) {
            const bool step = at == DeviceOperation::EXECUTE && program == "train_step";
            const int count = step ? ++*seen : 0;
            return DeviceFault{.code = count == 7 || count == 8 ? Code::UNAVAILABLE : Code::OK};
        };
        const Fault injected(hook);
        run(runs.fresh("left", on_interpreter));
    }
    EXPECT_EQ(recoveries_of(runs / "left"),
              (std::vector<std::string>{"newest_checkpoint from 4, 1 again", "on_cpu from 4, 0 again"}));
    expect_near(losses_of(runs / "left"), losses_of(runs / "whole"), 1e-9);
}

TEST(Recovery, ANaNRollsBackAndPassesOverTheSamplesThatLedToIt) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const ConfigChanges rollback{.overrides = {"recovery.on_nonfinite=rollback"}};
    {
        const Fault injected("NAN:EXECUTE:train_step:6");
        run(runs.fresh("a", rollback));
    }
    EXPECT_EQ(recoveries_of(runs / "a"), std::vector<std::string>{"roll_back from 4, 2 again"});
    const auto losses = losses_of(runs / "a");
    ASSERT_EQ(losses.size(), 12U);
    const auto last = checkpoint::load_newest(runs / "a").snapshot;
    EXPECT_EQ(last.step, 12);
    EXPECT_EQ(last.cursor, (12U + 2U) * 8U);
    run(runs.fresh("whole"));
    EXPECT_NEAR(losses.back(), losses_of(runs / "whole").back(), 0.1);
}

TEST(Recovery, NaNsWithoutEndStopTheRun) {
    const TinyRuns runs(FAST_TO_COMPILE);
    {
        const Fault injected("NAN:EXECUTE:train_step:6+");
        EXPECT_EQ(error_of([&] { run(runs.fresh("back", {.overrides = {"recovery.on_nonfinite=rollback"}})); }).code(),
                  Code::NOT_FINITE);
    }
    EXPECT_EQ(recoveries_of(runs / "back").size(), 3U);
    const auto error = error_of([&] {
        run(runs.fresh("skip",
                       {.overrides = {"recovery.on_nonfinite=skip", "optimizer.learning_rate=1e30"}, .steps = 40}));
    });
    EXPECT_EQ(error.code(), Code::NOT_FINITE);
    EXPECT_EQ(recoveries_of(runs / "skip").size(), static_cast<std::size_t>(recovery_row("skip_step").times));
    EXPECT_EQ(checkpoint::load_newest(runs / "back").snapshot.step, 4);
}

TEST(Recovery, CanBeTurnedOff) {
    const TinyRuns runs(FAST_TO_COMPILE);
    const Fault injected("OUT_OF_MEMORY:EXECUTE:train_step:2");
    EXPECT_EQ(error_of([&] { run(runs.fresh("a", {.overrides = {"recovery.enabled=false"}})); }).code(),
              Code::OUT_OF_MEMORY);
    EXPECT_TRUE(recoveries_of(runs / "a").empty());
}

TEST(Recovery, CountsBeginAgainOnceALaterStepIsSaved) {
    TpuErrorHandler handler;
    TrainConfig config;
    const Error lost(Code::UNAVAILABLE, "gone");
    EXPECT_EQ(handler.next(lost, config, 10, 5)->row->remedy, "newest_checkpoint");
    EXPECT_FALSE(handler.next(lost, config, 12, 5)) << "one CPU has no less than itself";
    EXPECT_FALSE(handler.next(lost, config, 11, 12)) << "step 12 had been reached before";
    EXPECT_EQ(handler.next(lost, config, 14, 13)->row->remedy, "newest_checkpoint");
    config.device = "tpu";
    EXPECT_EQ(handler.next(lost, config, 14, 13)->config.device, "cpu");
}

TEST(Recovery, TheTableNamesEachRemedyOnce) {
    for (const auto& row : recovery_table()) {
        EXPECT_EQ(&recovery_row(row.remedy), &row);
        EXPECT_FALSE(row.what.empty());
    }
    expect_error(Code::NOT_FOUND, "no remedy \"pray\"", [] { recovery_row("pray"); });
}

}  // namespace
}  // namespace podium::train
