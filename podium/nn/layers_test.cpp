#include "podium/nn/layers.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/precision.h"
#include "podium/nn/transformer.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

using test::JaxCase;
using testing::ElementsAre;

constexpr DataType F64 = DataType::FLOAT64;

/// Returns the layer's parameters with other numbers, and `x`.
template <class L>
Tree inputs(const L& layer, const Dims& x) {
    Tree tree = test::sampled(layer.init(key(0)), 1);
    tree.set("x", test::sample(x));
    return tree;
}

template <class L>
JaxCase of(const std::string& name, const L& layer, const Dims& x, const std::string& jax) {
    return {name, inputs(layer, x), [layer](const Tree& p) { return layer(p, p["x"]); }, jax};
}

TEST(Layers, ValuesAndGradientsAreJaxs) {
    const Embedding embedding{.count = 5, .width = 3, .type = F64};
    Tree table = inputs(embedding, {1});
    const Tensor indices = tensor({2, 3}, std::vector<std::int32_t>{4, 0, 4, 1, 2, 4});
    test::expect_as_jax({
        of("linear", Linear{.inputs = 4, .outputs = 3, .type = F64}, {2, 5, 4}, "p['x'] @ p['weight'] + p['bias']"),
        of("linear_vector", Linear{.inputs = 4, .outputs = 3, .type = F64}, {4}, "p['x'] @ p['weight'] + p['bias']"),
        of("unbiased", Linear{.inputs = 4, .outputs = 3, .bias = false, .type = F64}, {2, 4}, "p['x'] @ p['weight']"),
        of("layer_norm", LayerNorm{.width = 6, .type = F64}, {2, 3, 6},
           "jax.nn.standardize(p['x'], epsilon=1e-5) * p['weight'] + p['bias']"),
        of("rms_norm", RmsNorm{.width = 6, .type = F64}, {2, 3, 6},
           "p['x'] / jnp.sqrt((p['x'] ** 2).mean(-1, keepdims=True) + 1e-5) * p['weight']"),
        of("mlp", Mlp{.width = 3, .hidden = 5, .type = F64}, {2, 3},
           "jax.nn.gelu(p['x'] @ p['up.weight'] + p['up.bias']) @ p['down.weight'] + p['down.bias']"),
        {"embedding", table, [&](const Tree& p) { return embedding(p, indices) * p["x"]; },
         "p['weight'][np.array([[4, 0, 4], [1, 2, 4]])] * p['x']"},
        of("attention", CausalSelfAttention{.width = 6, .heads = 3, .type = F64}, {2, 4, 6},
           "(lambda q, k, v: jnp.einsum('bhts,bshd->bthd', jax.nn.softmax(jnp.where(jnp.tril(jnp.ones((4, 4), bool)), "
           "jnp.einsum('bthd,bshd->bhts', q, k) / 2 ** 0.5, -jnp.inf)), v))(*jnp.split((p['x'] @ p['qkv.weight'] + "
           "p['qkv.bias']).reshape(2, 4, 9, 2), 3, axis=2)).reshape(2, 4, 6) @ p['out.weight'] + p['out.bias']"),
    });
}

TEST(Layers, StartWithTheirNamesTypesAndNeutralValues) {
    const Tree linear = Linear{.inputs = 4, .outputs = 3, .type = DataType::BFLOAT16}.init(key(0));
    EXPECT_THAT(linear.paths()->names(), ElementsAre("weight", "bias"));
    EXPECT_EQ(to_string(linear["weight"].shape()), "bf16[4,3]");
    EXPECT_EQ(max(abs(linear["bias"])).to_host().as_double(0), 0.0);
    EXPECT_THAT((Linear{.inputs = 4, .outputs = 3, .bias = false}.init(key(0)).paths()->names()),
                ElementsAre("weight"));
    const Tree norm = LayerNorm{.width = 2}.init(key(0));
    EXPECT_THAT(norm["weight"].to_host().span<float>(), ElementsAre(1, 1));
    EXPECT_THAT(norm["bias"].to_host().span<float>(), ElementsAre(0, 0));
    EXPECT_THAT(RmsNorm{.width = 2}.init(key(0))["weight"].to_host().span<float>(), ElementsAre(1, 1));
    EXPECT_THAT((CausalSelfAttention{.width = 4, .heads = 2}.init(key(0)).paths()->names()),
                ElementsAre("qkv.weight", "qkv.bias", "out.weight", "out.bias"));
}

TEST(Layers, NormsOfBfloat16KeepStatisticsInF32) {
    const Tensor x = convert(test::sample({4, 64}) + 8.0, DataType::BFLOAT16);
    const auto of = [&](const auto& layer) {
        const Tree parameters = layer.init(key(0));
        const auto results =
            test::interpreted({convert(layer(cast_tree(parameters, DataType::BFLOAT16), x), DataType::FLOAT32),
                               layer(parameters, convert(x, DataType::FLOAT32))});
        test::expect_near(results[0], results[1], 0.01, "norm");
    };
    of(LayerNorm{.width = 64});
    of(RmsNorm{.width = 64});
}

TEST(Layers, DropoutKeepsTheMeanAndDropsItsShare) {
    const Tensor x = ones({64, 64});
    const HostArray y = Dropout{.rate = 0.25}({}, x, key(1)).to_host();
    std::size_t dropped = 0;
    for (const float element : y.span<float>()) {
        EXPECT_TRUE(element == 0.0F || element == 1.0F / 0.75F) << element;
        dropped += element == 0.0F ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(dropped) / 4096, 0.25, 0.03);  // over four standard errors
}

TEST(Layers, DropoutWithoutAKeyOrARateIsTheIdentity) {
    const Tensor x = ones({3});
    EXPECT_EQ(dropout(x, 0.5, {}).node(), x.node());
    EXPECT_EQ(dropout(x, 0.0, key(1)).node(), x.node());
    expect_error(Code::INVALID_ARGUMENT, "dropout: the rate is in [0, 1), got 1", [&] { dropout(x, 1.0, key(1)); });
}

TEST(Layers, SayWhichShapesTheyTake) {
    const auto call = [](const auto& layer, const Dims& dims) {
        return [=] { layer(layer.init(key(0)), zeros(dims)); };
    };
    expect_error(Code::SHAPE_MISMATCH, "linear: takes […,4], got f32[2,5]",
                 call(Linear{.inputs = 4, .outputs = 3}, {2, 5}));
    expect_error(Code::SHAPE_MISMATCH, "linear: takes […,4], got f32[]", call(Linear{.inputs = 4, .outputs = 3}, {}));
    expect_error(Code::SHAPE_MISMATCH, "layer_norm: takes […,4], got f32[2,1]", call(LayerNorm{.width = 4}, {2, 1}));
    expect_error(Code::SHAPE_MISMATCH, "rms_norm: takes […,4], got f32[2,1]", call(RmsNorm{.width = 4}, {2, 1}));
    expect_error(Code::SHAPE_MISMATCH, "attention: takes […,4], got f32[2,3,5]",
                 call(CausalSelfAttention{.width = 4, .heads = 2}, {2, 3, 5}));
    expect_error(Code::SHAPE_MISMATCH, "attention: takes [batch,length,4], got f32[2,4]",
                 call(CausalSelfAttention{.width = 4, .heads = 2}, {2, 4}));
    expect_error(Code::INVALID_ARGUMENT, "attention: 3 heads do not divide a width of 4",
                 [] { CausalSelfAttention{.width = 4, .heads = 3}.init(key(0)); });
    expect_error(Code::DTYPE_MISMATCH, "f32[2]", call(Embedding{.count = 4, .width = 3}, {2}));
    expect_error(Code::NOT_FOUND, "weight", [] { Linear{.inputs = 4}({}, zeros({2, 4})); });
}

}  // namespace
}  // namespace podium::nn
