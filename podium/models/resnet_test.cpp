#include "podium/models/resnet.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/losses.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::models {
namespace {

constexpr nn::Precision WHOLE_F64{DataType::FLOAT64, DataType::FLOAT64};

ResnetOptions small_resnet(Normalization normalization, std::int64_t blocks = 1) {
    return {.channels = 3,
            .widths = {4, 6},
            .blocks = blocks,
            .classes = 5,
            .normalization = normalization,
            .groups = 2,
            .precision = WHOLE_F64};
}

/// Our loss and gradients, and JAX's of the peers' network (convolutions padded by half of the window on each side).
void expect_jaxs(const ResnetOptions& options) {
    const Resnet model(options);
    Tree parameters = test::sampled(model.init(key(0)));
    parameters.set("x", test::sample({2, 8, 6, 3}, 9));
    const auto loss = [&](const Tree& p) {
        return nn::cross_entropy(model(p, p["x"]), tensor(std::vector<std::int32_t>{2, 4}));
    };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    const auto expected = test::jax_results(R"(
def unit(p, name, x, stride):
    w = p[name + '.weight']
    k = w.shape[0] // 2
    y = jax.lax.conv_general_dilated(x, w, (stride, stride), [(k, k), (k, k)], dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
    if name + '.bias' in p: return y + p[name + '.bias']
    g = y.reshape(*y.shape[:3], 2, -1)
    g = (g - g.mean((1, 2, 4), keepdims=True)) / jnp.sqrt(g.var((1, 2, 4), keepdims=True) + 1e-5)
    return g.reshape(y.shape) * p[name + '.norm.weight'] + p[name + '.norm.bias']
def loss(p):
    h = jax.nn.relu(unit(p, 'stem', p['x'], 1))
    i = 0
    while f'blocks.{i}.conv1.weight' in p:
        b = f'blocks.{i}.'
        shortcut = b + 'shortcut.weight' in p
        y = unit(p, b + 'conv2', jax.nn.relu(unit(p, b + 'conv1', h, 2 if shortcut else 1)), 1)
        h = jax.nn.relu(y + (unit(p, b + 'shortcut', h, 2) if shortcut else h))
        i += 1
    logits = h.mean((1, 2)) @ p['head.weight'] + p['head.bias']
    return optax.softmax_cross_entropy_with_integer_labels(logits, np.array([2, 4])).mean()
out['loss'], gradient = jax.jit(jax.value_and_grad(loss))(given)
out.update(gradient)
)",
                                            parameters);
    test::expect_near(value.to_host(), expected["loss"], 1e-11, "loss");
    const auto ours = test::interpreted(gradient.leaves());
    for (std::size_t i = 0; i < ours.size(); ++i)
        test::expect_near(ours[i], expected[gradient.path(i)], 1e-11, gradient.path(i));
}

TEST(Resnet, LossAndAllGradientsAreJaxs) { expect_jaxs(small_resnet(Normalization::NONE)); }

TEST(Resnet, LossAndAllGradientsAreJaxsWithGroupNormsAndMoreBlocks) {
    expect_jaxs(small_resnet(Normalization::GROUP, 2));
}

TEST(Resnet, HasTheParametersThatItNames) {
    const auto shapes = [](const ResnetOptions& options) {
        std::vector<std::string> rows;
        const Tree tree = Resnet(options).init(key(0));
        for (std::size_t i = 0; i < tree.size(); ++i)
            rows.push_back(tree.path(i) + " " + to_string(tree.leaves()[i].shape()));
        return rows;
    };
    EXPECT_THAT(
        shapes({.widths = {8, 16}, .normalization = Normalization::NONE}),
        testing::ElementsAre("stem.weight f32[3,3,3,8]", "stem.bias f32[8]", "blocks.0.conv1.weight f32[3,3,8,8]",
                             "blocks.0.conv1.bias f32[8]", "blocks.0.conv2.weight f32[3,3,8,8]",
                             "blocks.0.conv2.bias f32[8]", "blocks.1.conv1.weight f32[3,3,8,16]",
                             "blocks.1.conv1.bias f32[16]", "blocks.1.conv2.weight f32[3,3,16,16]",
                             "blocks.1.conv2.bias f32[16]", "blocks.1.shortcut.weight f32[1,1,8,16]",
                             "blocks.1.shortcut.bias f32[16]", "head.weight f32[16,10]", "head.bias f32[10]"));
    EXPECT_THAT(shapes({.channels = 1, .widths = {8}}),
                testing::ElementsAre("stem.weight f32[3,3,1,8]", "stem.norm.weight f32[8]", "stem.norm.bias f32[8]",
                                     "blocks.0.conv1.weight f32[3,3,8,8]", "blocks.0.conv1.norm.weight f32[8]",
                                     "blocks.0.conv1.norm.bias f32[8]", "blocks.0.conv2.weight f32[3,3,8,8]",
                                     "blocks.0.conv2.norm.weight f32[8]", "blocks.0.conv2.norm.bias f32[8]",
                                     "head.weight f32[8,10]", "head.bias f32[10]"));
}

TEST(Resnet, ComputesInBfloat16AndReturnsF32) {
    const Resnet model({.precision = {.compute = DataType::BFLOAT16}});
    const Tensor logits = model(model.init(key(0)), ones({2, 32, 32, 3}));
    EXPECT_EQ(to_string(logits.shape()), "f32[2,10]");
    for (const Node* node : topological(std::array{logits})) {
        if (node->op == &rows::convolution) EXPECT_EQ(node->shape.type, DataType::BFLOAT16);
    }
}

TEST(Resnet, SaysWhichSizesAndShapesItTakes) {
    const Resnet model(small_resnet(Normalization::NONE));
    expect_error(Code::SHAPE_MISMATCH, "conv: takes ", [&] { model(model.init(key(0)), zeros({2, 8, 8, 1})); });
    const auto refused = [](const char* words, const ResnetOptions& options) {
        expect_error(Code::INVALID_ARGUMENT, words, [&] { Resnet{options}; });
    };
    refused("resnet: needs a width or more", {.widths = {}});
    refused("resnet: a width must be at least 1, got 0", {.widths = {8, 0}});
    refused("resnet: blocks must be at least 1, got 0", {.blocks = 0});
    refused("resnet: channels must be at least 1, got 0", {.channels = 0});
    refused("resnet: classes must be at least 1, got -1", {.classes = -1});
    refused("resnet: 8 groups do not divide a width of 12", {.widths = {16, 12}});
}

}  // namespace
}  // namespace podium::models
