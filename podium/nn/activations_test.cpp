#include "podium/nn/activations.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "podium/base/expect_error.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

using test::JaxCase;
using testing::ElementsAre;

TEST(Activations, ValuesAndGradientsAreJaxs) {
    Tree inputs;
    inputs.set("x", test::sample({2, 3, 4}) * 3.0);
    const auto of = [&](const std::string& name, auto f, const std::string& jax) {
        return JaxCase{name, inputs, [f](const Tree& p) { return f(p["x"]); }, jax};
    };
    test::expect_as_jax({
        of("relu", relu, "jax.nn.relu(p['x'])"),
        of("gelu", gelu, "jax.nn.gelu(p['x'], approximate=True)"),
        of("gelu_exact", gelu_exact, "jax.nn.gelu(p['x'], approximate=False)"),
        of("silu", silu, "jax.nn.silu(p['x'])"),
        of("tanh", tanh, "jnp.tanh(p['x'])"),
        of(
            "softmax", [](const Tensor& x) { return softmax(x); }, "jax.nn.softmax(p['x'])"),
        of(
            "softmax_1", [](const Tensor& x) { return softmax(x, 1); }, "jax.nn.softmax(p['x'], axis=1)"),
        of(
            "log_softmax", [](const Tensor& x) { return log_softmax(x); }, "jax.nn.log_softmax(p['x'])"),
        of(
            "log_softmax_0", [](const Tensor& x) { return log_softmax(x, 0); }, "jax.nn.log_softmax(p['x'], axis=0)"),
    });
}

TEST(Activations, ReluHasNoGradientAtZeroAndLetsNanThrough) {
    const Tensor x = tensor(std::vector<float>{-1, 0, 2, std::nanf("")});
    const HostArray y = relu(x).to_host();
    EXPECT_THAT(y.span<float>().first(3), ElementsAre(0, 0, 2));
    EXPECT_TRUE(std::isnan(y.span<float>()[3]));
    const HostArray gradient = grad([](const Tensor& t) { return sum(relu(t)); })(x).to_host();
    EXPECT_THAT(gradient.span<float>().first(3), ElementsAre(0, 0, 1));
}

TEST(Activations, SoftmaxOfHugeAndMaskedScoresIsFinite) {
    constexpr float INFINITE = std::numeric_limits<float>::infinity();
    const Tensor x = tensor(std::vector<float>{1e30F, 1e30F, -1e30F, -INFINITE});
    EXPECT_THAT(softmax(x).to_host().span<float>(), ElementsAre(0.5F, 0.5F, 0, 0));
    EXPECT_THAT(log_softmax(x).to_host().span<float>(),
                ElementsAre(testing::FloatEq(-std::log(2.0F)), testing::FloatEq(-std::log(2.0F)), -2e30F, -INFINITE));
}

TEST(Activations, TakeFloatsOnly) {
    const Tensor x = zeros({2}, DataType::INT32);
    expect_error(Code::DTYPE_MISMATCH, "i32[2]", [&] { silu(x); });
    expect_error(Code::DTYPE_MISMATCH, "i32[2]", [&] { softmax(x); });
}

}  // namespace
}  // namespace podium::nn
