#include "podium/optim/optimizers.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/config/config.h"
#include "tests/support/interpreted.h"

namespace podium::optim {
namespace {

TEST(Optimizers, EveryRowMakesATransformThatMovesAgainstTheGradient) {
    const Tree parameters = TreeBuilder<Tensor>().add("w", ones({2})).build();
    const Tree gradients = TreeBuilder<Tensor>().add("w", ones({2})).build();
    for (const auto& row : optimizers()) {
        EXPECT_FALSE(row.source.empty());
        const auto optimizer = make({.name = std::string(row.name), .learning_rate = 0.5, .momentum = 0.9});
        const StepLoss loss{.value = ones({}), .function = [](const Tree& p) { return sum(square(p["w"])); }};
        const Tree state = optimizer.update(gradients, optimizer.init(parameters), parameters, loss).second;
        const Tree updates = optimizer.update(gradients, state, parameters, loss).first;  // rprop's first is zero
        const double moved = test::interpreted({updates["w"]})[0].as_double(1);
        EXPECT_LT(moved, -1e-7) << row.name;
        EXPECT_GE(moved, -2.6) << row.name << " by more than rmsprop, whose first step is sqrt(10) times the rate";
    }
}

TEST(Optimizers, OptionsAreReadFromAConfig) {
    const auto options = config::read<OptimizerOptions>("schedule: warmup_cosine\naccumulate: 4\n", "test");
    EXPECT_EQ(options.schedule, ScheduleKind::WARMUP_COSINE);
    EXPECT_EQ(options.accumulate, 4);
    EXPECT_TRUE(config::diff(options, config::read<OptimizerOptions>(config::write(options), "again")).empty());
}

TEST(Optimizers, AnUnknownNameNamesTheNearest) {
    expect_error(Code::NOT_FOUND, "there is no \"adamv\"; there are sgd, adam, adamw, ",
                 [] { make({.name = "adamv"}); });
}

TEST(Optimizers, NumbersThatMakeNoOptimizerAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "clip_global_norm is -1", [] { make({.clip_global_norm = -1.0}); });
    expect_error(Code::INVALID_ARGUMENT, "cosine: 0 steps", [] { make({.schedule = ScheduleKind::COSINE}); });
    expect_error(Code::INVALID_ARGUMENT, "multi_steps: 0 steps", [] { make({.accumulate = 0}); });
}

TEST(Optimizers, ClippingMovesNoPathOfTheState) {
    const Tree parameters = TreeBuilder<Tensor>().add("w", zeros({2})).build();
    EXPECT_EQ(make({}).init(parameters).paths()->names(),
              make({.clip_global_norm = 1.0}).init(parameters).paths()->names());
}

}  // namespace
}  // namespace podium::optim
