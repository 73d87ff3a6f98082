#include "podium/nn/convolution.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/normalization.h"
#include "podium/nn/precision.h"
#include "tests/support/gradient.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

using test::JaxCase;
using testing::ElementsAre;

constexpr DataType WIDE = DataType::FLOAT64;

/// Returns the layer's parameters with other numbers, and `x`.
template <class L>
Tree filled_inputs(const L& layer, const Dims& x) {
    Tree tree = layer.init(key(0));
    std::uint64_t seed = 1;
    for (Tensor& leaf : tree.leaves()) leaf = tensor(test::f64(leaf.dims(), seed++));
    tree.set("x", tensor(test::f64(x, seed)));
    return tree;
}

template <class L>
JaxCase layer_case(const std::string& name, const L& layer, const Dims& x, const std::string& jax) {
    return {name, filled_inputs(layer, x), [layer](const Tree& p) { return layer(p, p["x"]); }, jax};
}

TEST(Convolutions, ValuesAndGradientsAreJaxs) {
    test::expect_as_jax({
        layer_case(
            "plain", Conv{.inputs = 2, .outputs = 3, .type = WIDE}, {2, 4, 3, 2},
            "jax.lax.conv_general_dilated(p['x'], p['weight'], (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', "
            "'NHWC')) + p['bias']"),
        layer_case("strided",
                   Conv{.inputs = 4,
                        .outputs = 2,
                        .window = {3},
                        .strides = {2},
                        .padding = Padding::VALID,
                        .dilations = {2},
                        .groups = 2,
                        .bias = false,
                        .type = WIDE},
                   {2, 9, 4},
                   "jax.lax.conv_general_dilated(p['x'], p['weight'], (2,), 'VALID', rhs_dilation=(2,), "
                   "dimension_numbers=('NHC', 'HIO', 'NHC'), feature_group_count=2)"),
        layer_case("same_strided",
                   Conv{.inputs = 1, .outputs = 2, .window = {3}, .strides = {2}, .dilations = {2}, .type = WIDE},
                   {1, 8, 1},
                   "jax.lax.conv_general_dilated(p['x'], p['weight'], (2,), 'SAME', rhs_dilation=(2,), "
                   "dimension_numbers=('NHC', 'HIO', 'NHC')) + p['bias']"),
        layer_case(
            "first",
            Conv{.inputs = 2,
                 .outputs = 3,
                 .window = {2, 3},
                 .padding = Padding::edges({1, 0}, {0, 2}),
                 .channels = Channels::FIRST,
                 .type = WIDE},
            {1, 2, 3, 4},
            "jax.lax.conv_general_dilated(p['x'], p['weight'], (1, 1), ((1, 0), (0, 2)), dimension_numbers=('NCHW', "
            "'HWIO', 'NCHW')) + p['bias'][:, None, None]"),
        layer_case("volume",
                   Conv{.inputs = 1, .outputs = 2, .window = {2, 2, 2}, .padding = Padding::VALID, .type = WIDE},
                   {1, 3, 2, 3, 1},
                   "jax.lax.conv_general_dilated(p['x'], p['weight'], (1, 1, 1), 'VALID', dimension_numbers=('NDHWC', "
                   "'DHWIO', 'NDHWC')) + p['bias']"),
        layer_case("transposed", ConvTranspose{.inputs = 2, .outputs = 3, .strides = {2, 2}, .type = WIDE},
                   {1, 2, 3, 2}, "jax.lax.conv_transpose(p['x'], p['weight'], (2, 2), 'SAME') + p['bias']"),
        layer_case("transposed_wide",
                   ConvTranspose{.inputs = 2,
                                 .outputs = 1,
                                 .window = {2},
                                 .strides = {4},
                                 .padding = Padding::VALID,
                                 .bias = false,
                                 .type = WIDE},
                   {2, 3, 2}, "jax.lax.conv_transpose(p['x'], p['weight'], (4,), 'VALID')"),
        layer_case(
            "transposed_far",
            ConvTranspose{.inputs = 1, .outputs = 2, .window = {2}, .strides = {5}, .dilations = {2}, .type = WIDE},
            {1, 3, 1}, "jax.lax.conv_transpose(p['x'], p['weight'], (5,), 'SAME', rhs_dilation=(2,)) + p['bias']"),
        layer_case(
            "transposed_edges",
            ConvTranspose{.inputs = 1,
                          .outputs = 2,
                          .window = {3},
                          .strides = {2},
                          .padding = Padding::edges({1}, {0}),
                          .channels = Channels::FIRST,
                          .type = WIDE},
            {1, 1, 4},
            "jax.lax.conv_transpose(p['x'], p['weight'], (2,), ((1, 0),), dimension_numbers=('NCH', 'HIO', 'NCH'), "
            "use_consistent_padding=True) + p['bias'][:, None]"),
        layer_case("group_norm", GroupNorm{.width = 6, .groups = 2, .type = WIDE}, {2, 2, 3, 6},
                   "jax.nn.standardize(p['x'].reshape(2, 6, 2, 3), (1, 3), epsilon=1e-5).reshape(2, 2, 3, 6) * "
                   "p['weight'] + p['bias']"),
        layer_case("group_norm_first", GroupNorm{.width = 4, .groups = 4, .channels = Channels::FIRST, .type = WIDE},
                   {2, 4, 5},
                   "jax.nn.standardize(p['x'], 2, epsilon=1e-5) * p['weight'][:, None] + p['bias'][:, None]"),
    });
}

TEST(BatchNorm, ValuesAndGradientsAreJaxs) {
    const BatchNorm last{.width = 3, .type = WIDE}, first{.width = 2, .channels = Channels::FIRST, .type = WIDE};
    const Tensor mean = tensor(test::f64({3}, 8)), variance = tensor(test::sample(Shape(WIDE, {3}), 0.5, 2, 9));
    const Tree statistics = TreeBuilder<Tensor>().add("mean", mean).add("variance", variance).build();
    Tree evaluated = filled_inputs(last, {2, 4, 3}), gathered = filled_inputs(last, {2, 4, 3});
    for (Tree* tree : {&evaluated, &gathered}) {
        tree->set("m", mean);
        tree->set("v", variance);
    }
    test::expect_as_jax({
        {"train", filled_inputs(last, {2, 4, 3}),
         [=](const Tree& p) { return last.train(p, last.init_statistics(), p["x"]).result; },
         "jax.nn.standardize(p['x'], (0, 1), epsilon=1e-5) * p['weight'] + p['bias']"},
        {"train_first", filled_inputs(first, {3, 2, 2, 2}),
         [=](const Tree& p) { return first.train(p, first.init_statistics(), p["x"]).result; },
         "jax.nn.standardize(p['x'], (0, 2, 3), epsilon=1e-5) * p['weight'][:, None, None] + p['bias'][:, None, None]"},
        {"evaluate", evaluated,
         [=](const Tree& p) {
             return last(p, TreeBuilder<Tensor>().add("mean", p["m"]).add("variance", p["v"]).build(), p["x"]);
         },
         "(p['x'] - p['m']) / jnp.sqrt(p['v'] + 1e-5) * p['weight'] + p['bias']"},
        {"statistics", gathered,
         [=](const Tree& p) {
             const Tree now = TreeBuilder<Tensor>().add("mean", p["m"]).add("variance", p["v"]).build();
             const BatchNormResult found = last.train(p, now, p["x"]);
             return concatenate({found.statistics["mean"], found.statistics["variance"]}, 0) +
                    sum(found.result * 0.0);  // every parameter is there
         },
         "jnp.concatenate([p['m'] * .9 + .1 * jax.lax.stop_gradient(p['x'].mean((0, 1))), p['v'] * .9 + .1 * "
         "jax.lax.stop_gradient(p['x'].var((0, 1)))]) + 0 * (p['weight'] + p['bias']).sum()"},
    });
}

TEST(Convolutions, LayersStartWithTheirNamesAndTypes) {
    const Tree conv =
        Conv{.inputs = 4, .outputs = 6, .window = {5}, .groups = 2, .type = DataType::BFLOAT16}.init(key(0));
    EXPECT_THAT(conv.paths()->names(), ElementsAre("weight", "bias"));
    EXPECT_EQ(to_string(conv["weight"].shape()), "bf16[5,2,6]");
    const Tree statistics = BatchNorm{.width = 2, .type = DataType::BFLOAT16}.init_statistics();
    EXPECT_EQ(to_string(statistics["variance"].shape()), "f32[2]");
    const BatchNorm norm{.width = 2, .type = DataType::BFLOAT16};
    const BatchNormResult found = norm.train(norm.init(key(0)), statistics, zeros({3, 2}, DataType::BFLOAT16));
    EXPECT_EQ(to_string(found.result.shape()), "bf16[3,2]");
    EXPECT_EQ(to_string(found.statistics["mean"].shape()), "f32[2]");
}

TEST(Convolutions, LayersSayWhichShapesTheyTake) {
    const auto call = [](const auto& layer, const Dims& dims) {
        return [=] { layer(layer.init(key(0)), zeros(dims)); };
    };
    expect_error(Code::SHAPE_MISMATCH, "conv: takes [batch,…,4] with 2 dimensions between, got f32[2,5,5,3]",
                 call(Conv{.inputs = 4}, {2, 5, 5, 3}));
    expect_error(Code::SHAPE_MISMATCH, "conv: strides [2] for a window [3,3]; give each dimension one",
                 call(Conv{.inputs = 1, .strides = {2}}, {2, 5, 5, 1}));
    expect_error(Code::SHAPE_MISMATCH, "conv: padding [1] for a window [3,3]",
                 call(Conv{.inputs = 1, .padding = Padding::edges({1}, {1})}, {2, 5, 5, 1}));
    expect_error(Code::INVALID_ARGUMENT, "conv: 2 groups do not divide 3 inputs and 2 outputs",
                 [] { Conv{.inputs = 3, .outputs = 2, .groups = 2}.init(key(0)); });
    expect_error(Code::SHAPE_MISMATCH, "conv_transpose: takes [batch,4,…] with 1 dimensions behind, got f32[2,3,5]",
                 call(ConvTranspose{.inputs = 4, .window = {3}, .channels = Channels::FIRST}, {2, 3, 5}));
    expect_error(Code::SHAPE_MISMATCH, "group_norm: takes [batch,…,4]", call(GroupNorm{.width = 4}, {2, 3}));
    expect_error(Code::INVALID_ARGUMENT, "group_norm: 3 groups do not divide a width of 4",
                 [] { GroupNorm{.width = 4, .groups = 3}.init(key(0)); });
    expect_error(Code::SHAPE_MISMATCH, "batch_norm: takes [batch,…,4]", [] {
        const BatchNorm norm{.width = 4};
        norm(norm.init(key(0)), norm.init_statistics(), zeros({2, 3}));
    });
}

}  // namespace
}  // namespace podium::nn
