#include "podium/nn/module.h"

#include <gmock/gmock.h>

#include "podium/nn/activations.h"
#include "podium/nn/transformer.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::nn {
namespace {

using testing::ElementsAre;

TEST(Module, SequentialCallsLayersAndFunctionsInOrder) {
    const Linear first{.inputs = 4, .outputs = 3}, second{.inputs = 3, .outputs = 2, .bias = false};
    const Sequential both{{first, relu, second, [](const Operand& x) { return multiply(x, 2.0); }}};
    const Tree parameters = both.init(key(0));
    EXPECT_THAT(parameters.paths()->names(), ElementsAre("0.weight", "0.bias", "2.weight"));
    const Tensor x = convert(test::sample({5, 4}), DataType::FLOAT32);
    const Tensor hidden = relu(first(parameters.subtree("0"), x));
    const auto results = test::interpreted({both(parameters, x), second(parameters.subtree("2"), hidden) * 2.0});
    EXPECT_TRUE(results[0] == results[1]);
}

TEST(Module, SequentialGivesEachLayerKeysOfItsOwn) {
    const Linear layer{.inputs = 4, .outputs = 4};
    const Sequential twice{{layer, layer}};
    const Tree parameters = twice.init(key(0));
    const auto weights = test::interpreted({parameters["0.weight"], parameters["1.weight"]});
    EXPECT_FALSE(weights[0] == weights[1]);

    const Sequential drops{{Dropout{.rate = 0.5}, Dropout{.rate = 0.5}}};
    const Tensor x = ones({8, 8});
    EXPECT_EQ(drops({}, x).node(), x.node());
    const HostArray dropped = drops({}, x, key(1)).to_host();
    EXPECT_THAT(dropped.span<float>(), testing::Contains(0.0F));
    EXPECT_THAT(dropped.span<float>(), testing::Contains(4.0F));
}

TEST(Module, NestsAndHoldsAnyLayer) {
    const Module block = Sequential{{LayerNorm{.width = 4}, CausalSelfAttention{.width = 4, .heads = 2},
                                     Sequential{{Mlp{.width = 4, .hidden = 8}}}}};
    const Tree parameters = block.init(key(0));
    EXPECT_TRUE(parameters.contains("1.qkv.weight"));
    EXPECT_TRUE(parameters.contains("2.0.down.bias"));
    EXPECT_EQ(to_string(block(parameters, ones({1, 3, 4})).shape()), "f32[1,3,4]");
}

TEST(Module, ModelIsAModuleWithItsParameters) {
    const Linear layer{.inputs = 4, .outputs = 3};
    const Model model{layer, layer.init(key(0))};
    const Tensor x = ones({2, 4});
    const auto results = test::interpreted({model(x), layer(model.parameters, x)});
    EXPECT_TRUE(results[0] == results[1]);
}

}  // namespace
}  // namespace podium::nn
