#include <gtest/gtest.h>

#include "podium/config/config.h"
#include "podium/train/programs.h"
#include "tests/support/tiny_runs.h"

namespace podium::train {
namespace {

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << "step " << i + 1;
}

void expect_equal_losses(const std::string& precision, double tolerance) {
    const TinyRuns runs;
    const auto changes = [&](const char* mesh) {
        return ConfigChanges{
            .overrides = {"model.precision={parameters: " + precision + ", compute: " + precision + "}",
                          "train.checkpoint_every=0"},
            .steps = 100,
            .mesh = mesh};
    };
    run(runs.fresh("one", changes("data=1")));
    run(runs.fresh("eight", changes("data=8")));
    const auto losses = losses_of(runs / "one");
    EXPECT_EQ(losses.size(), 100U);
    EXPECT_LT(losses.back(), losses.front() * 2 / 3);
    expect_near(losses, losses_of(runs / "eight"), tolerance);
}

TEST(DataParallel, EightDevicesHaveTheLossesOfOneInF64) { expect_equal_losses("f64", 1e-9); }
TEST(DataParallel, EightDevicesHaveTheLossesOfOneInF32) { expect_equal_losses("f32", 1e-4); }

TEST(DataParallel, OneDeviceCountGoesOnWithTheOthersCheckpoint) {
    const TinyRuns runs;
    run(runs.fresh("one"));
    run(runs.fresh("both", {.steps = 5, .mesh = "data=8"}));
    run(runs.again("both", {.steps = 8, .mesh = "data=2"}));
    run(runs.again("both", {.steps = 12, .mesh = "data=1"}));
    expect_near(losses_of(runs / "one"), losses_of(runs / "both"), 1e-4);
}

TEST(DataParallel, EachDeviceHoldsAnEighthOfTheBatch) {
    const TinyRuns runs;
    const auto config = resolved(changed(config::read_file<TrainConfig>(runs / "tiny.yaml"),
                                         {.data = {(runs / "text").string()}, .mesh = "data=8"}));
    const Programs programs(config);
    const data::TextCorpus corpus(text_options(config));
    const Samples batch = programs.put(corpus.batch_at(0));
    const auto& buffer = *buffer_of(batch.inputs);
    EXPECT_EQ(buffer.placement()->shard_shape(buffer.shape()), Shape(DataType::INT32, {1, 16}));
    auto state = programs.init(key(0));
    const auto [next, metrics] = programs.step(std::move(state), batch);
    EXPECT_TRUE(std::isfinite(metrics["loss"].item<float>()));
    const auto text = programs.compile_step().front()->optimized_text();
    EXPECT_NE(text.find("i32[1,16]"), std::string::npos) << "a device's piece of the batch";
    EXPECT_EQ(text.find("i32[8,16]"), std::string::npos) << "the whole batch is nowhere";
    EXPECT_NE(text.find("all-reduce"), std::string::npos);
    EXPECT_EQ(programs.step.traces(), 1);
}

}  // namespace
}  // namespace podium::train
