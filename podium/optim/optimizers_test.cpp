#include "podium/optim/optimizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/config/config.h"
#include "podium/optim/optim.h"
#include "tests/support/interpreted.h"

namespace podium::optim {
namespace {

TEST(Optimizers, EveryRowMakesATransformThatMovesAgainstTheGradient) {
    const Tree parameters = TreeBuilder<Tensor>().add("w", ones({2})).build();
    const Tree gradients = TreeBuilder<Tensor>().add("w", ones({2})).build();
    for (const auto& row : optimizers()) {
        EXPECT_FALSE(row.source.empty());
        const double rate = row.name == "metasgd" ? 0.1 : 0.5;  // its second step uses what the first one learned
        const auto optimizer = make({.name = std::string(row.name), .learning_rate = rate, .momentum = 0.9});
        const StepLoss loss{.value = full({}, 2.0), .function = [](const Tree& p) { return sum(square(p["w"])); }};
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

Tree small_model() {
    return TreeBuilder<Tensor>()
        .add("h.0.weight", ones({2, 2}))
        .add("h.0.bias", ones({2}))
        .add("out.bias", ones({2}))
        .build();
}

Tree first_updates(const OptimizerOptions& options) {
    const Tree parameters = small_model();
    const auto optimizer = make(options);
    return optimizer.update(parameters, optimizer.init(parameters), parameters).first;
}

double first_of(const Tensor& tensor) { return test::interpreted({tensor})[0].as_double(0); }

TEST(Optimizers, AConfigFreezesSplitsAndScalesByPatterns) {
    const auto options = config::read<OptimizerOptions>(
        "name: adam\nlearning_rate: 0.5\nfreeze: ['h.*.bias']\npartition: {'**.bias': sgd}\n"
        "rate_factors: {'out.**': 0.1}\n",
        "test");
    const Tree updates = first_updates(options);
    EXPECT_EQ(first_of(updates["h.0.bias"]), 0.0);
    EXPECT_FLOAT_EQ(static_cast<float>(first_of(updates["out.bias"])), -0.05F);
    EXPECT_NEAR(first_of(updates["h.0.weight"]), -0.5, 1e-5);
    EXPECT_THAT(make(options).init(small_model()).paths()->names(),
                ::testing::ElementsAre("partition.rest.scale_by_adam.count",
                                       "partition.rest.scale_by_adam.first_moment.h.0.weight",
                                       "partition.rest.scale_by_adam.second_moment.h.0.weight"));
}

TEST(Optimizers, AConfigClipsLooksAheadAndMechanizes) {
    EXPECT_NEAR(first_of(first_updates({.name = "sgd", .learning_rate = 1.0, .clip_elements = 0.25})["out.bias"]),
                -0.25, 1e-7);
    EXPECT_NEAR(first_of(first_updates({.name = "sgd", .learning_rate = 1.0, .clip_adaptive = 0.1})["out.bias"]), -0.1,
                1e-7);
    EXPECT_EQ(first_of(first_updates({.name = "sgd", .learning_rate = 1.0, .centralize = true})["h.0.weight"]), 0.0);
    EXPECT_NEAR(first_of(first_updates(
                    {.name = "sgd", .learning_rate = 1.0, .lookahead = 1, .lookahead_step = 0.3})["out.bias"]),
                -0.3, 1e-7);
    const double found = first_of(first_updates({.name = "sgd", .learning_rate = 1.0, .mechanize = true})["out.bias"]);
    EXPECT_LT(found, 0.0);
    EXPECT_GT(found, -1e-3);
}

TEST(Optimizers, PatternsThatMatchNothingAreRefused) {
    const auto refuse = [](const OptimizerOptions& options, const char* message) {
        expect_error(Code::INVALID_ARGUMENT, message, [&] { first_updates(options); });
    };
    refuse({.only = {"h.*.scale"}},
           "optimizer.only: no parameter matches \"h.*.scale\"; there are h.0.weight, h.0.bias");
    refuse({.freeze = {"h.*.biass"}},
           "optimizer.freeze: no parameter matches \"h.*.biass\"; there are h.0.weight, h.0.bias");
    refuse({.partition = {{"x", "sgd"}}}, "optimizer.partition: no parameter matches \"x\"");
    refuse({.rate_factors = {{"x", 2.0}}}, "optimizer.rate_factors: no parameter matches \"x\"");
    expect_error(Code::NOT_FOUND, "there is no \"sgdd\"", [] { make({.partition = {{"**", "sgdd"}}}); });
    expect_error(Code::INVALID_ARGUMENT, "lookahead: every -1 steps", [] { make({.lookahead = -1}); });
}

TEST(Optimizers, AConfigGivesMethodsTheirOwnOptions) {
    const auto options = config::read<OptimizerOptions>(
        "name: galore\noptions: {rank: 3, every: 100}\npartition: {'**.bias': sgd}\n", "test");
    const Tree parameters = TreeBuilder<Tensor>().add("up.weight", ones({8, 6})).add("up.bias", ones({6})).build();
    const Tree state = make(options).init(parameters);
    bool projects = false;
    for (std::size_t i = 0; i < state.size(); ++i)
        if (state.path(i).ends_with("projector.up.weight")) projects = state.leaves()[i].dims() == Dims{8, 3};
    EXPECT_TRUE(projects) << fmt::format("{}", fmt::join(state.paths()->names(), ", "));
    const auto same_steps = [](OptimizerOptions given, const GradientTransform& expected) {
        given.learning_rate = 0.5;
        const Tree p = small_model();
        return first_of(
            sum(abs(first_updates(given)["h.0.weight"] - expected.update(p, expected.init(p), p).first["h.0.weight"])));
    };
    EXPECT_EQ(same_steps({.name = "rmsprop", .options = {{"centered", 1}}}, rmsprop(0.5, {.centered = true})), 0.0);
    EXPECT_GT(same_steps({.name = "rmsprop"}, rmsprop(0.5, {.centered = true})), 0.0);
    EXPECT_EQ(same_steps({.name = "shampoo", .options = {{"ridge", 0.5}}}, shampoo(0.5, {.ridge = 0.5})), 0.0);
    EXPECT_EQ(same_steps({.name = "adam", .like = Like::TORCH, .options = {{"epsilon_root", 0.0}}}, adam(0.5)), 0.0);

    const auto refuse = [](const OptimizerOptions& given, const char* message) {
        expect_error(Code::INVALID_ARGUMENT, message, [&] { make(given); });
    };
    refuse({.name = "galore", .options = {{"rang", 3}}},
           "optimizer.options: galore has no \"rang\"; it has rank, every, scale; did you mean \"rank\"?");
    refuse({.name = "sign_sgd", .options = {{"rank", 3}}}, "sign_sgd has no options of its own; leave \"rank\" out");
    refuse({.name = "sgd", .like = Like::TORCH, .options = {{"rank", 3}}}, "sgd has no options of its own");
    refuse({.name = "galore", .options = {{"rank", 2.5}}}, "rank of galore is 2.5; give an integer from 0 on");
    refuse({.name = "galore", .options = {{"rank", -1}}}, "rank of galore is -1; give an integer");
    refuse({.name = "rmsprop", .options = {{"centered", 2}}}, "centered of rmsprop is 2; give 1 for yes or 0 for no");
    refuse({.name = "galore", .options = {{"rank", 0}}}, "scale_by_galore: a rank of 0");
}

TEST(Optimizers, ClippingMovesNoPathOfTheState) {
    const Tree parameters = TreeBuilder<Tensor>().add("w", zeros({2})).build();
    EXPECT_EQ(make({}).init(parameters).paths()->names(),
              make({.clip_global_norm = 1.0}).init(parameters).paths()->names());
}

}  // namespace
}  // namespace podium::optim
