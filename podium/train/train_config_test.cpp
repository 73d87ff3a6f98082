#include "podium/train/train_config.h"

#include <gtest/gtest.h>

#include "podium/config/config.h"
#include "tests/support/error_of.h"

namespace podium::train {
namespace {

TrainConfig with_data() {
    TrainConfig config;
    config.data.paths = {"docs"};
    return config;
}

TEST(TrainConfig, ResolvingTwiceIsResolvingOnce) {
    auto config = with_data();
    config.optimizer.schedule = optim::ScheduleKind::WARMUP_COSINE;
    config.optimizer.warmup_steps = 600;
    const auto once = resolved(config);
    EXPECT_EQ(once.train.length, once.model.length);
    EXPECT_EQ(once.optimizer.total_steps, once.train.steps);
    EXPECT_EQ(once.optimizer.warmup_steps, once.train.steps / 2);
    EXPECT_TRUE(once.data.paths[0].starts_with('/'));
    EXPECT_TRUE(config::diff(once, resolved(once)).empty());
    EXPECT_TRUE(config::diff(once, config::read<TrainConfig>(config::write(once), "config.yaml")).empty());
}

TEST(TrainConfig, FlagsChangeTheFile) {
    const auto config =
        changed(with_data(),
                {.overrides = {"train.batch=24", "xla.flags={xla_a: true}"}, .steps = 7, .seed = 3, .mesh = "data=8"});
    EXPECT_EQ(config.train.steps, 7);
    EXPECT_EQ(config.train.seed, 3U);
    EXPECT_EQ(config.train.batch, 24);
    EXPECT_EQ(mesh_of(config).axis_size("data"), 8);
    EXPECT_EQ(xla_options(config.xla).flags.at("xla_a"), XlaOptions::Value(true));
}

TEST(TrainConfig, AResumedRunMayChangeWhereAndHowLongItRuns) {
    const auto stored = resolved(with_data());
    auto wanted = stored;
    wanted.train.steps = 2000;
    wanted.mesh = {{"data", 8}};
    wanted.train.keep_last = 1;
    EXPECT_EQ(resumed(stored, wanted).train.steps, 2000);
}

TEST(TrainConfig, AResumedRunMayNotChangeWhatItLearns) {
    const auto stored = resolved(with_data());
    auto wanted = stored;
    wanted.optimizer.learning_rate = 0.5;
    wanted.model.width = 64;
    const auto error = test::error_of([&] { resumed(stored, wanted); });
    EXPECT_EQ(error.code(), Code::INVALID_CONFIG);
    EXPECT_NE(error.message().find("model.width: 256 -> 64"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("optimizer.learning_rate: 0.001 -> 0.5"), std::string::npos) << error.message();
}

TEST(TrainConfig, RefusesWhatMakesNoRun) {
    struct Row {
        const char* change;
        const char* message;
    };
    for (const auto& [change, message] : {
             Row{"mesh={data: 3}", "a batch of 16 does not divide over the 3 devices of the mesh's axis \"data\""},
             Row{"mesh={rows: 2}", "splits nothing"},
             Row{"train.batch=0", "train.batch is 0"},
             Row{"train.length=500", "more than model.length"},
             Row{"data.paths=[]", "no data"},
             Row{"data.weights=[1, 3]", "data.weights has 2 numbers and data.paths 1 patterns"},
             Row{"model.vocabulary=100", "text is bytes"},
         }) {
        const auto error = test::error_of([&] { resolved(changed(with_data(), {.overrides = {change}})); });
        EXPECT_EQ(error.code(), Code::INVALID_CONFIG) << change;
        EXPECT_NE(error.message().find(message), std::string::npos) << error.message();
    }
}

}  // namespace
}  // namespace podium::train
