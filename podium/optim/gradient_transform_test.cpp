#include "podium/optim/gradient_transform.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "podium/base/expect_error.h"
#include "podium/optim/optax_cases.h"
#include "tests/support/interpreted.h"

namespace podium::optim {
namespace {

using ::testing::ElementsAre;

Tree tree_of(DataType type) {
    return TreeBuilder<Tensor>().add("a.weight", ones({2, 3}, type)).add("b", full({3}, 2.0, type)).build();
}

StepLoss loss() { return {.value = full({}, 0.5), .function = testing::sines_loss}; }

double value(const Tensor& tensor) { return test::interpreted({tensor})[0].as_double(0); }

TEST(GradientTransform, AStepKeepsPathsTypesAndShapesOfEveryState) {
    for (const auto type : {DataType::BFLOAT16, DataType::FLOAT32, DataType::FLOAT64})
        for (const auto& each : testing::optax_cases()) {
            SCOPED_TRACE(fmt::format("{} {}", each.name, name(type)));
            const Tree parameters = tree_of(type), state = each.transform.init(parameters);
            const auto [updates, next] = each.transform.update(parameters, state, parameters, loss());
            EXPECT_EQ(next.paths()->names(), state.paths()->names());
            for (std::size_t i = 0; i < state.size(); ++i)
                EXPECT_EQ(to_string(next.leaves()[i].shape()), to_string(state.leaves()[i].shape())) << state.path(i);
            EXPECT_EQ(updates.paths()->names(), parameters.paths()->names());
            for (std::size_t i = 0; i < updates.size(); ++i)
                EXPECT_EQ(to_string(updates.leaves()[i].shape()), to_string(parameters.leaves()[i].shape()));
        }
}

TEST(GradientTransform, AStateInAnotherOrderIsTheSameState) {
    for (const auto& each : testing::optax_cases()) {
        const Tree parameters = tree_of(DataType::FLOAT32), state = each.transform.init(parameters);
        TreeBuilder<Tensor> reversed;
        for (std::size_t i = state.size(); i-- > 0;) reversed.add(state.path(i), state.leaves()[i]);
        const auto expected = each.transform.update(parameters, state, parameters, loss());
        const auto found = each.transform.update(parameters, reversed.build(), parameters, loss());
        EXPECT_EQ(test::interpreted(found.first.leaves()), test::interpreted(expected.first.leaves())) << each.name;
        for (const auto& path : expected.second.paths()->names())
            EXPECT_EQ(test::interpreted({found.second[path]}), test::interpreted({expected.second[path]})) << path;
    }
}

TEST(GradientTransform, AChainNamesThePartsOfItsState) {
    const auto transform = chain(clip(1.0), trace(0.9), trace(0.5), adamw(linear(1.0, 0.0, 5)));
    EXPECT_THAT(transform.init(TreeBuilder<Tensor>().add("w", ones({2})).build()).paths()->names(),
                ElementsAre("trace.momentum.w", "trace_2.momentum.w", "adamw.scale_by_adam.count",
                            "adamw.scale_by_adam.first_moment.w", "adamw.scale_by_adam.second_moment.w",
                            "adamw.scale_by_schedule.count"));
}

TEST(GradientTransform, CountsStopAtTheLargestInteger) {
    const auto largest = std::numeric_limits<std::int32_t>::max();
    for (const auto& [count, next] : {std::pair{0, 1}, {largest - 1, largest}, {largest, largest}})
        EXPECT_EQ(value(safe_increment(scalar_of(DataType::INT32, count))), next);
}

TEST(GradientTransform, UpdatesAreAddedInTheParametersType) {
    const Tree parameters = TreeBuilder<Tensor>().add("w", full({}, 256.0, DataType::BFLOAT16)).build();
    const Tree updates = TreeBuilder<Tensor>().add("w", full({}, 1.5, DataType::FLOAT32)).build();
    const Tree sum = apply_updates(parameters, updates);
    EXPECT_EQ(sum["w"].type(), DataType::BFLOAT16);
    EXPECT_EQ(value(sum["w"]), 258.0);  // 257.5 lies between 256 and 258, the neighbours in bf16
}

TEST(GradientTransform, TheGlobalNormOfNarrowFloatsIsComputedInF32) {
    const Tree tree = TreeBuilder<Tensor>()
                          .add("wide", full({300, 300}, 1.0, DataType::BFLOAT16))
                          .add("low", full({1}, 3.0, DataType::FLOAT32))
                          .build();
    EXPECT_EQ(global_norm(tree).type(), DataType::FLOAT32);
    EXPECT_EQ(value(global_norm(tree)), std::sqrt(90009.0F));
}

TEST(GradientTransform, AMaskSeesOneLayerOfAStack) {
    const Mask mask = is_matrix;
    EXPECT_FALSE(mask("h.*.norm.scale", Shape(DataType::FLOAT32, {48, 768})));
    EXPECT_TRUE(mask("h.*.attn.weight", Shape(DataType::FLOAT32, {48, 768, 768})));
    EXPECT_TRUE(mask("h.0.attn.weight", Shape(DataType::FLOAT32, {768, 768})));
    EXPECT_TRUE(Mask()("anything", Shape(DataType::FLOAT32, {})));
}

TEST(GradientTransform, TreesOfDifferentPathsAreRefused) {
    const Tree left = TreeBuilder<Tensor>().add("w", ones({2})).build();
    const Tree right = TreeBuilder<Tensor>().add("w", ones({2})).add("b", ones({2})).build();
    expect_error(Code::SHAPE_MISMATCH, "apply_updates: the parameter \"b\" has no update",
                 [&] { apply_updates(right, left); });
    expect_error(Code::SHAPE_MISMATCH, "scale: the update \"b\" has no parameter",
                 [&] { scale(1.0).update(right, {}, left); });
    const Tree swapped = TreeBuilder<Tensor>().add("b", ones({2})).add("w", ones({2})).build();
    expect_error(Code::SHAPE_MISMATCH, "the same paths in different orders", [&] { apply_updates(right, swapped); });
}

TEST(GradientTransform, AStateOfAnotherTransformIsRefused) {
    const Tree parameters = tree_of(DataType::FLOAT32);
    expect_error(Code::NOT_FOUND, "no leaf \"count\"",
                 [&] { adam(0.1).update(parameters, sgd(0.1).init(parameters), parameters); });
}

TEST(GradientTransform, AMethodThatNeedsTheLossSaysSo) {
    const Tree parameters = tree_of(DataType::FLOAT32);
    const auto optimizer = chain(clip(1.0), polyak_sgd(1.0));
    expect_error(Code::INVALID_ARGUMENT, "scale_by_polyak: the step size follows from the loss",
                 [&] { optimizer.update(parameters, optimizer.init(parameters), parameters); });
    expect_error(Code::INVALID_ARGUMENT, "sharpness_aware: takes gradients of its own",
                 [&] { sam(0.1).update(parameters, sam(0.1).init(parameters), parameters); });
    expect_error(Code::INVALID_ARGUMENT, "rprop: finds its own step sizes and takes no schedule",
                 [] { rprop(linear(1.0, 0.0, 5)); });
}

TEST(GradientTransform, AccumulatingOverNoStepsIsRefused) {
    expect_error(Code::INVALID_ARGUMENT, "multi_steps: 0 steps", [] { multi_steps(sgd(0.1), 0); });
}

}  // namespace
}  // namespace podium::optim
