#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/optim/optim.h"
#include "tests/support/interpreted.h"

namespace podium::optim {
namespace {

Tree vector_of(double value) { return TreeBuilder<Tensor>().add("w", full({2}, value)).build(); }
double number(const Tensor& tensor) { return test::interpreted({tensor})[0].as_double(0); }

TEST(Wrappers, ASpikeOfTheGradientIsLeftOut) {
    const auto optimizer = skip_spikes(sgd(1.0, {.momentum = 0.5}), {.factor = 3.0, .first_steps = 2});
    const Tree parameters = vector_of(0.0);
    Tree state = optimizer.init(parameters);
    const auto step = [&](double gradient) {
        auto [updates, next] = optimizer.update(vector_of(gradient), state, parameters);
        state = Tree(next.paths(), [&] {
            Tensors leaves;
            for (const auto& leaf : test::interpreted(next.leaves())) leaves.push_back(tensor(leaf));
            return leaves;
        }());
        return number(updates["w"]);
    };
    EXPECT_EQ(step(9.0), -9.0);  // the mean is not one yet
    EXPECT_EQ(step(1.0), -5.5);
    EXPECT_EQ(step(1e4), 0.0);
    EXPECT_EQ(step(-HUGE_VAL), 0.0);
    EXPECT_EQ(number(state["skipped"]), 2.0);
    EXPECT_EQ(step(1.0), -3.75);  // momentum as before the spikes
}

TEST(Wrappers, PartitionNamesTheParameterThatNoPartTakes) {
    const auto optimizer = partition({{"biases", matching({"**.bias"}), sgd(1.0)}});
    expect_error(Code::INVALID_ARGUMENT, "partition: no part takes the parameter \"w\"; give a last part for the rest",
                 [&] { optimizer.init(vector_of(1.0)); });
}

TEST(Wrappers, WhatIsFrozenHasNoStateAndDoesNotCountInNorms) {
    const Tree parameters = TreeBuilder<Tensor>().add("a", full({1}, 3.0)).add("b", full({1}, 1e6)).build();
    const auto optimizer = selective_transform(chain(clip_by_global_norm(10.0), adam(0.1)), matching({"b"}));
    const Tree state = optimizer.init(parameters);
    EXPECT_FALSE(state.contains("adam.scale_by_adam.first_moment.b"));
    EXPECT_TRUE(state.contains("adam.scale_by_adam.first_moment.a"));
    const auto next = optimizer.update(parameters, state, parameters).second;
    EXPECT_NEAR(number(next["adam.scale_by_adam.first_moment.a"]), 0.3, 1e-6);
}

TEST(Wrappers, EachTensorOfAnExampleHasItsShareOfTheNorm) {
    const Tree gradients = TreeBuilder<Tensor>()
                               .add("a", tensor({2, 1}, std::vector<double>{3.0, 0.1}))
                               .add("b", tensor({2, 3}, std::vector<double>{0, 4, 0, 0.2, 0, 0}))
                               .build();
    const auto equal_shares = per_example_layer_norm_clip(gradients, 1.0);
    EXPECT_NEAR(number(equal_shares["a"]), std::sqrt(0.5) + 0.1, 1e-12);
    const auto by_size = per_example_layer_norm_clip(gradients, 1.0, false);
    EXPECT_NEAR(number(by_size["a"]), 0.5 + 0.1, 1e-12);
    EXPECT_NEAR(test::interpreted({by_size["b"]})[0].as_double(1), std::sqrt(0.75), 1e-12);
    const auto [total, clipped] = per_example_global_norm_clip(gradients, 1.0);
    EXPECT_NEAR(number(total["a"]), 0.6 + 0.1, 1e-12);
    EXPECT_EQ(number(clipped), 1.0);
    expect_error(Code::SHAPE_MISMATCH, "per_example_global_norm_clip: \"b\" is f32[3]", [] {
        per_example_global_norm_clip(TreeBuilder<Tensor>().add("a", zeros({2, 1})).add("b", zeros({3})).build(), 1.0);
    });
}

TEST(Wrappers, AStackOfLayersIsChangedLayerByLayer) {
    const std::vector<GradientTransform> transforms{centralize(), clip_by_block_rms(0.5), adaptive_grad_clip(0.1),
                                                    scale_by_param_block_norm(), scale_by_param_block_rms()};
    const auto stacked = [](const Dims& dims, double first, double second) {
        const Tensor ramp = reshape(convert(arange(6), DataType::FLOAT32), dims);
        return std::pair{first * ramp + 1.0, second - ramp};
    };
    const auto updated = [](const GradientTransform& transform, const char* path, const Tensor& gradient,
                            const Tensor& parameter) {
        const Tree gradients = TreeBuilder<Tensor>().add(path, gradient).build(),
                   parameters = TreeBuilder<Tensor>().add(path, parameter).build();
        return transform.update(gradients, transform.init(parameters), parameters).first.leaves()[0];
    };
    for (const auto& transform : transforms)
        for (const Dims& dims : {Dims{2, 3}, Dims{6}}) {
            const auto [gradient0, gradient1] = stacked(dims, 2.0, 9.0);
            const auto [parameter0, parameter1] = stacked(dims, 0.5, 3.0);
            const Tensor together =
                updated(transform, "h.*.w", stack({gradient0, gradient1}, 0), stack({parameter0, parameter1}, 0));
            const Tensor apart = stack({updated(transform, "h.0.w", gradient0, parameter0),
                                        updated(transform, "h.1.w", gradient1, parameter1)},
                                       0);
            EXPECT_LT(number(max(abs(together - apart))), 1e-6) << transform.name << " of " << join(dims);
        }
}

TEST(Wrappers, NumbersThatMakeNoneAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "lookahead: the step is 0", [] { lookahead(sgd(1.0), {.step = 0.0}); });
    expect_error(Code::INVALID_ARGUMENT, "mechanize: 0 decays", [] { mechanize(sgd(1.0), {.decays = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "skip_spikes: the factor is 1",
                 [] { skip_spikes(sgd(1.0), {.factor = 1.0}); });
    expect_error(Code::INVALID_ARGUMENT, "apply_every: 0 steps", [] { apply_every(0); });
}

}  // namespace
}  // namespace podium::optim
