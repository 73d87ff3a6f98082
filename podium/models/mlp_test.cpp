#include "podium/models/mlp.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/losses.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::models {
namespace {

const MlpOptions SMALL_MLP{.widths = {4, 6, 5, 3}, .precision = {DataType::FLOAT64, DataType::FLOAT64}};

TEST(Mlp, LossAndAllGradientsAreJaxs) {
    const Mlp model(SMALL_MLP);
    Tree parameters = test::sampled(model.init(key(0)));
    parameters.set("x", test::sample({2, 4}, 9));
    const auto loss = [&](const Tree& p) {
        return nn::cross_entropy(model(p, p["x"]), tensor(std::vector<std::int32_t>{2, 0}));
    };
    const auto [value, gradient] = value_and_grad(loss)(parameters);
    const auto expected = test::jax_results(R"(
def loss(p):
    h = p['x']
    for i in range(3):
        h = (jax.nn.relu(h) if i else h) @ p[f'layers.{i}.weight'] + p[f'layers.{i}.bias']
    return optax.softmax_cross_entropy_with_integer_labels(h, np.array([2, 0])).mean()
out['loss'], gradient = jax.jit(jax.value_and_grad(loss))(given)
out.update(gradient)
)",
                                            parameters);
    test::expect_near(value.to_host(), expected["loss"], 1e-12, "loss");
    const auto ours = test::interpreted(gradient.leaves());
    for (std::size_t i = 0; i < ours.size(); ++i)
        test::expect_near(ours[i], expected[gradient.path(i)], 1e-12, gradient.path(i));
}

TEST(Mlp, ComputesInBfloat16AndReturnsF32) {
    const Mlp model({.widths = {4, 6, 3}, .precision = {.compute = DataType::BFLOAT16}});
    const Tensor logits = model(model.init(key(0)), ones({2, 4}));
    EXPECT_EQ(to_string(logits.shape()), "f32[2,3]");
    std::size_t narrow = 0;
    for (const Node* node : topological(std::array{logits}))
        narrow += node->op == &rows::dot_general && node->shape.type == DataType::BFLOAT16 ? 1 : 0;
    EXPECT_EQ(narrow, 2U);
}

TEST(Mlp, SaysWhichShapesItTakes) {
    const Mlp model(SMALL_MLP);
    expect_error(Code::SHAPE_MISMATCH, "linear: takes […,4], got f64[2,5]", [&] {
        model(model.init(key(0)), zeros({2, 5}));
    });
    expect_error(Code::INVALID_ARGUMENT, "mlp: needs two widths or more, got [4]", [] { Mlp({.widths = {4}}); });
    expect_error(Code::INVALID_ARGUMENT, "mlp: widths must be at least 1, got [4,0]", [] { Mlp({.widths = {4, 0}}); });
}

}  // namespace
}  // namespace podium::models
