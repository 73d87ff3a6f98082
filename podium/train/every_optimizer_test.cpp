#include <gtest/gtest.h>

#include <cmath>

#include "podium/exec/jit.h"
#include "podium/optim/optimizers.h"
#include "podium/train/step.h"
#include "podium/train/train_config.h"

namespace podium::train {
namespace {

constexpr int TRAINED_STEPS = 4;

Samples two_classes() {
    std::vector<float> pixels;
    std::vector<std::int32_t> classes;
    for (int i = 0; i < 8; ++i) {
        classes.push_back(i % 2);
        for (int j = 0; j < 4; ++j) pixels.push_back(static_cast<float>((i % 2 == 0 ? 1.0 : -1.0) + 0.1 * (i - j)));
    }
    return {tensor<float>({8, 2, 2, 1}, pixels), tensor<std::int32_t>({8}, classes)};
}

class EveryOptimizer : public ::testing::TestWithParam<optim::OptimizerRow> {};

TEST_P(EveryOptimizer, TrainsInOneProgramThatKeepsPathsTypesAndShapes) {
    const models::Mlp model({.widths = {4, 6, 2}});
    const auto optimizer = optim::make({.name = std::string(GetParam().name),
                                        .learning_rate = 1e-2,
                                        .schedule = optim::ScheduleKind::CONSTANT,
                                        .clip_global_norm = 10.0});
    const Mesh mesh{Device(DeviceType::INTERP)};  // the plugin runs them in Optax's tests; compiling all takes long
    const auto init = jit(InitFunction{model, optimizer, {}}, {.mesh = &mesh});
    const auto step = jit(StepFunction{model, optimizer, {}}, {.donate = {0}, .mesh = &mesh});
    State state = init(key(1));
    const auto paths = state.optimizer.paths();
    std::vector<std::string> shapes;
    for (const auto& leaf : state.optimizer.leaves()) shapes.push_back(to_string(leaf.shape()));
    const double first = state.parameters.leaves()[0].to_host().as_double(0);
    for (int i = 0; i < TRAINED_STEPS; ++i) {
        const auto [next, metrics] = step(std::move(state), two_classes());
        EXPECT_TRUE(std::isfinite(metrics["loss"].item<float>())) << i;
        state = next;
    }
    ASSERT_EQ(state.optimizer.paths()->names(), paths->names());
    for (std::size_t i = 0; i < shapes.size(); ++i)
        EXPECT_EQ(to_string(state.optimizer.leaves()[i].shape()), shapes[i]) << paths->names()[i];
    EXPECT_EQ(step.stats().traces, 1);
    const double last = state.parameters.leaves()[0].to_host().as_double(0);
    EXPECT_TRUE(std::isfinite(last));
    EXPECT_NE(last, first);
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryOptimizer,
                         ::testing::ValuesIn(optim::optimizers().begin(), optim::optimizers().end()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(OffloadedOptimizer, IsNoneThatTakesGradientsOfItsOwn) {
    TrainConfig config;
    config.train.offload_optimizer = true;
    config.mesh = {{"data", 2}};
    EXPECT_TRUE(offloads_optimizer(config));
    config.optimizer.name = "sam";
    EXPECT_FALSE(offloads_optimizer(config));
}

}  // namespace
}  // namespace podium::train
