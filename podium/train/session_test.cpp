#include "podium/train/session.h"

#include <gtest/gtest.h>

#include <csignal>

#include "podium/checkpoint/checkpoint.h"
#include "podium/config/config.h"
#include "tests/support/error_of.h"
#include "tests/support/sample_arrays.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

using test::error_of;

/// Expects two runs to have the same losses and the same last tensors, bit for bit.
void expect_same_run(const std::filesystem::path& a, const std::filesystem::path& b, std::size_t steps) {
    EXPECT_EQ(losses_of(a).size(), steps);
    EXPECT_EQ(losses_of(a), losses_of(b));
    const auto last = checkpoint::load_newest(a).snapshot, other = checkpoint::load_newest(b).snapshot;
    EXPECT_EQ(last.step, other.step);
    EXPECT_EQ(last.key, other.key);
    EXPECT_TRUE(test::equal(last.tensors, other.tensors));
}

/// Returns the session with `signal` raised when the line of `step` is written.
Session stopped_at(Session session, int step, int signal) {
    const auto line = fmt::format("\"event\": \"step\", \"step\": {},", step);
    session.json = [line, signal](std::string_view text) {
        if (text.find(line) != std::string_view::npos) std::raise(signal);
    };
    return session;
}

TEST(Session, ASeedFixesTheRun) {
    const TinyRuns runs("xla: {optimization_level: 0}\n");
    run(runs.fresh("a"));
    run(runs.fresh("b"));
    expect_same_run(runs / "a", runs / "b", 12);
    EXPECT_LT(losses_of(runs / "a").back(), losses_of(runs / "a").front());
    run(runs.fresh("c", {.seed = 1}));
    EXPECT_NE(losses_of(runs / "a"), losses_of(runs / "c"));
}

TEST(Session, AStoppedAndResumedRunHasTheBitsOfAnUndisturbedOne) {
    const TinyRuns runs;
    const ConfigChanges dropout{.overrides = {"model.dropout=0.1"}};
    run(runs.fresh("whole", dropout));
    EXPECT_EQ(error_of([&] { run(stopped_at(runs.fresh("parts", dropout), 3, SIGTERM)); }).code(), Code::PREEMPTED);
    EXPECT_EQ(error_of([&] { run(stopped_at(runs.again("parts"), 7, SIGINT)); }).code(), Code::PREEMPTED);
    EXPECT_LT(checkpoint::load_newest(runs / "parts").snapshot.step, 12);
    run(runs.again("parts"));
    expect_same_run(runs / "whole", runs / "parts", 12);
}

TEST(Session, MomentsOfFewerBitsResumeWithTheirBits) {
    const TinyRuns runs("xla: {optimization_level: 0}\n");
    for (const std::string type : {"bf16", "8bit"}) {
        const ConfigChanges narrow{.overrides = {"model.width=64", "model.layers=1", "optimizer.state_type=" + type}};
        run(runs.fresh("whole_" + type, narrow));
        EXPECT_EQ(error_of([&] { run(stopped_at(runs.fresh("parts_" + type, narrow), 5, SIGTERM)); }).code(),
                  Code::PREEMPTED);
        run(runs.again("parts_" + type));
        expect_same_run(runs / ("whole_" + type), runs / ("parts_" + type), 12);
        const auto tensors = checkpoint::load_newest(runs / ("parts_" + type)).snapshot.tensors;
        const auto stored = type == "bf16" ? DataType::BFLOAT16 : DataType::UINT8;
        EXPECT_TRUE(std::ranges::any_of(tensors.leaves(), [&](const auto& leaf) { return leaf.type() == stored; }));
        EXPECT_LT(losses_of(runs / ("whole_" + type)).back(), losses_of(runs / ("whole_" + type)).front());
    }
}

TEST(Session, ADamagedCheckpointIsNamedAndTheOneBeforeUsed) {
    const TinyRuns runs;
    run(runs.fresh("a"));
    const auto before = losses_of(runs / "a");
    std::filesystem::resize_file(runs / "a/checkpoints/00000012/state.safetensors", 1000);
    run(runs.again("a"));
    EXPECT_EQ(losses_of(runs / "a"), before);
    bool warned = false;
    for (const auto& event : read_events(runs / "a/metrics.jsonl"))
        if (event.name == "warning")
            warned |= std::get<std::string>(*event.find("message")).find("00000012") != std::string::npos;
    EXPECT_TRUE(warned);
}

TEST(Session, ALossThatIsNoNumberStopsTheRunAndKeepsWhatWasSaved) {
    const TinyRuns runs;
    run(runs.fresh("a", {.steps = 4}));
    const auto saved = checkpoint::load_newest(runs / "a").snapshot;
    auto config = config::read_file<TrainConfig>(runs / "a/config.yaml");
    config.optimizer.learning_rate = 1e30;
    write_atomically(runs / "a/config.yaml", config::write(config));
    const auto error = error_of([&] { run(runs.again("a", {.steps = 12})); });
    EXPECT_EQ(error.code(), Code::NOT_FINITE);
    EXPECT_NE(error.message().find("step 6"), std::string::npos) << error.message();
    EXPECT_TRUE(test::equal(checkpoint::load_newest(runs / "a").snapshot.tensors, saved.tensors));
}

TEST(Session, ACheckedRunLearnsTheSameAndNamesTheLineThatMadeANaN) {
    const TinyRuns runs("xla: {optimization_level: 0}\n");
    const ConfigChanges all{.overrides = {"model.dropout=0.1", "model.layers=1"},
                            .check = {"nan", "infinity", "index", "condition"},
                            .steps = 2};
    run(runs.fresh("checked", all));
    run(runs.fresh("plain", {.overrides = {"model.dropout=0.1", "model.layers=1"}, .steps = 2}));
    ASSERT_EQ(losses_of(runs / "checked").size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(losses_of(runs / "checked")[i], losses_of(runs / "plain")[i], 1e-5);
    const auto error = error_of([&] {
        run(runs.fresh("bad", {.overrides = {"optimizer.learning_rate=1e30", "train.log_every=1"}, .check = {"nan"}}));
    });
    EXPECT_EQ(error.code(), Code::NOT_FINITE);
    EXPECT_NE(error.message().find("made NaN"), std::string::npos) << error.message();
    EXPECT_NE(error.context().find("podium/"), std::string::npos) << error.context();
    EXPECT_EQ(error_of([&] {
                  run(runs.fresh("f16", {.overrides = {"model.precision.compute=f16"}, .check = {"nan"}}));
              }).code(),
              Code::INVALID_CONFIG);
}

TEST(Session, AFullDiskLosesNothingCommitted) {
    const TinyRuns runs;
    run(runs.fresh("whole"));
    struct NoFault {
        ~NoFault() { set_file_fault_hook({}); }
    } const cleared;
    set_file_fault_hook(parse_file_fault("enospc:WRITE:6"));
    run(runs.fresh("full"));
    expect_same_run(runs / "whole", runs / "full", 12);
    EXPECT_EQ(checkpoint::list(runs / "full").size(), 2U);
}

TEST(Session, ACheckpointOfAnotherModelIsRefusedAndNothingChanges) {
    const TinyRuns runs;
    run(runs.fresh("a", {.steps = 2}));
    run(runs.fresh("b", {.overrides = {"model.width=32"}, .steps = 2}));
    std::filesystem::remove_all(runs / "a/checkpoints");
    std::filesystem::rename(runs / "b/checkpoints", runs / "a/checkpoints");
    const auto metrics = read_file(runs / "a/metrics.jsonl"), stored = read_file(runs / "a/config.yaml");
    const auto error = error_of([&] { run(runs.again("a", {.steps = 5})); });
    EXPECT_EQ(error.code(), Code::CHECKPOINT_CORRUPT);
    EXPECT_NE(error.message().find("parameters.wte.weight is f32[256,32]"), std::string::npos) << error.message();
    EXPECT_EQ(read_file(runs / "a/metrics.jsonl"), metrics);
    EXPECT_EQ(read_file(runs / "a/config.yaml"), stored);
}

TEST(Session, AModelTooLargeForTheMachineIsRefusedBeforeAnythingIsMade) {
    const TinyRuns runs;
    const auto error = error_of([&] {
        run(runs.fresh("huge", {.overrides = {"model.width=200000", "model.layers=10"}}));
    });
    EXPECT_EQ(error.code(), Code::OUT_OF_MEMORY);
    EXPECT_FALSE(std::filesystem::exists(runs / "huge"));
}

}  // namespace
}  // namespace podium::train
