#include "podium/runs/run_log.h"

#include <gtest/gtest.h>
#include <sys/file.h>

#include <fstream>

#include "podium/base/file.h"
#include "podium/events/event_file.h"
#include "podium/runs/run_files.h"
#include "podium/runs/run_summary.h"
#include "tests/support/error_of.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

RunEvent step(std::int64_t step, double loss) {
    return {"step", {{"step", step}, {"loss", loss}, {"tokens_per_s", 100.0}, {"seconds", 0.5}}};
}

/// Returns the folder with a config in it.
std::filesystem::path configured(const std::filesystem::path& folder) {
    make_directories(folder);
    write_atomically(config_of(folder), "format: 1\nmodel: {layers: 2}\ntrain:\n  steps: 10\ndata: {paths: [a, b]}\n");
    return folder;
}

/// A run folder, and its writer.
struct WrittenRun {
    explicit WrittenRun(const std::filesystem::path& folder) : path(configured(folder)), writer(metrics_of(path)) {}
    std::filesystem::path path;
    EventWriter writer;
};

TEST(RunLog, FollowsAGrowingFileAndKnowsAnotherOne) {
    const test::TemporaryFolder folder;
    WrittenRun run(folder / "run");
    RunLog log(run.path);
    int seen = 0;
    const auto count = [&](const RunEvent&) { ++seen; };
    log.update(count);
    EXPECT_EQ(seen, 0);
    run.writer.write(step(1, 3.0));
    std::ofstream(metrics_of(run.path), std::ios::app) << R"({"format": 1, "event": "step", "step": 2)";
    log.update(count);
    EXPECT_EQ(seen, 1);
    EventWriter again(metrics_of(run.path));  // cuts the torn line off
    again.write(step(2, 2.0));
    again.write({"eval", {{"step", std::int64_t{2}}, {"loss", 2.5}}});
    log.update(count);
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(log.curve("train/loss"), (Curve{{1, 2}, {3.0, 2.0}}));
    EXPECT_EQ(log.curve("validation/loss"), (Curve{{2}, {2.5}}));
    EXPECT_TRUE(log.curve("none").empty());
    EXPECT_DOUBLE_EQ(log.totals().tokens_per_s(), 100);

    truncate_after(metrics_of(run.path), 1);
    EventWriter(metrics_of(run.path)).write({"resume", {{"step", std::int64_t{1}}}});
    log.update();
    EXPECT_EQ(log.generation(), 1);
    EXPECT_EQ(log.curve("train/loss"), (Curve{{1}, {3.0}}));
    EXPECT_EQ(log.totals().resumes, 1);
}

TEST(RunLog, NamesTheLineThatIsDamaged) {
    const test::TemporaryFolder folder;
    WrittenRun run(folder / "run");
    run.writer.write(step(1, 3.0));
    std::ofstream(metrics_of(run.path), std::ios::app) << "nonsense\n";
    RunLog log(run.path);
    const auto error = test::error_of([&] { log.update(); });
    EXPECT_EQ(error.code(), Code::INVALID_DATA);
    EXPECT_NE(error.message().find("metrics.jsonl:2"), std::string::npos) << error.message();
    EXPECT_EQ(log.curve("train/loss").size(), 1U);
}

TEST(RunSummary, SaysHowARunStandsAndWhichCheckpointIsBest) {
    const test::TemporaryFolder folder;
    WrittenRun run(folder / "run");
    for (const std::int64_t at : {4, 8}) {
        run.writer.write(step(at, 3.0));
        run.writer.write({"eval", {{"step", at}, {"loss", at == 4 ? 1.5 : 2.5}}});
        make_directories(run.path / "checkpoints" / fmt::format("{:08}", at));
    }
    make_directories(run.path / "checkpoints/00000009.tmp-1");
    RunLog log(run.path);
    log.update();
    auto summary = summary_of(run.path, log);
    EXPECT_EQ(summary.state, "interrupted");
    EXPECT_EQ(summary.planned_steps, 10);
    EXPECT_EQ(summary.totals.steps, 8);
    EXPECT_EQ(summary.best_validation_loss, (Point{4, 1.5}));
    EXPECT_EQ(summary.checkpoints, (std::vector<std::int64_t>{4, 8}));
    EXPECT_EQ(summary.best_checkpoint, 4);
    EXPECT_EQ(summary.best_checkpoint_folder, run.path / "checkpoints/00000004");
    make_directories(run.path / "best/checkpoints/00000004");
    EXPECT_EQ(summary_of(run.path, log).best_checkpoint_folder, run.path / "best/checkpoints/00000004");
    run.writer.write({"recovery",
                      {{"step", std::int64_t{8}},
                       {"remedy", "skip_step"},
                       {"reason", "the loss is nan"},
                       {"from_step", std::int64_t{8}},
                       {"steps_redone", std::int64_t{0}},
                       {"seconds", 0.5}}});
    log.update();
    EXPECT_EQ(log.totals().recoveries, 1);
    run.writer.write({"end", {{"step", std::int64_t{8}}, {"reason", "NOT_FINITE"}}});
    log.update();
    EXPECT_EQ(summary_of(run.path, log).state, "NOT_FINITE");
}

TEST(RunSummary, IsTrainingWhileALockIsHeld) {
    const test::TemporaryFolder folder;
    write_atomically(lock_of(folder.path()), "");
    EXPECT_FALSE(is_training(folder.path()));
    std::FILE* const held = std::fopen(lock_of(folder.path()).c_str(), "r+");
    ASSERT_EQ(::flock(::fileno(held), LOCK_EX), 0);
    EXPECT_TRUE(is_training(folder.path()));
    std::fclose(held);
    EXPECT_FALSE(is_training(folder.path()));
}

TEST(RunSummary, ConfigsDifferByPath) {
    const test::TemporaryFolder folder;
    const WrittenRun first(folder / "a"), second(folder / "b");
    write_atomically(config_of(second.path), "format: 1\nmodel: {layers: 4}\ntrain:\n  steps: 10\n");
    EXPECT_EQ(config_values(first.path).at("data.paths"), "[a, b]");
    const auto rows = config_differences({first.path, second.path});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].path, "data.paths");
    EXPECT_EQ(rows[0].values, (std::vector<std::string>{"[a, b]", ""}));
    EXPECT_EQ(rows[1].path, "model.layers");
    EXPECT_EQ(rows[1].values, (std::vector<std::string>{"2", "4"}));
    write_atomically(config_of(second.path), "a: [\n");
    EXPECT_EQ(test::error_of([&] { config_values(second.path); }).code(), Code::INVALID_CONFIG);
}

TEST(RunFiles, FindsRunsButNoneBelowARun) {
    const test::TemporaryFolder folder;
    const WrittenRun first(folder / "a"), second(folder / "more/b"), inner(folder / "a/inner");
    EXPECT_EQ(find_runs(folder.path()), (std::vector{first.path, second.path}));
    EXPECT_EQ(find_runs(first.path), std::vector{first.path});
    EXPECT_NE(test::error_of([&] { expect_run(folder / "none"); }).message().find("no such folder"), std::string::npos);
}

}  // namespace
}  // namespace podium
