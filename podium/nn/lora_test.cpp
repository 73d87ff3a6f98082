#include "podium/nn/lora.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/layers.h"
#include "podium/nn/quantization.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::nn {
namespace {

using testing::ElementsAre;

const Linear LAYER{.inputs = 4, .outputs = 6};
const LoraOptions RANK_TWO{.rank = 2, .alpha = 6};

Tree frozen() {
    return TreeBuilder<Tensor>().add("weight", test::sample({4, 6}, 1)).add("bias", test::sample({6}, 2)).build();
}
/// Returns adapters that are nowhere zero.
Tree trained() {
    return TreeBuilder<Tensor>()
        .add("weight.lora.a", test::sample({4, 2}, 3))
        .add("weight.lora.b", test::sample({2, 6}, 4))
        .build();
}
const Tensor& some_rows() {
    static const Tensor x = test::sample({3, 4}, 5);
    return x;
}

TEST(Lora, ValuesAndGradientsOfTheAdaptersAreJaxs) {
    const auto loss = [](const Tree& adapters) {
        return sum(square(LAYER(with_lora(frozen(), adapters, RANK_TWO), some_rows())));
    };
    const auto [value, gradient] = value_and_grad(loss)(trained());
    Tree given = trained();
    given.set("w", frozen()["weight"]);
    given.set("bias", frozen()["bias"]);
    given.set("x", some_rows());
    const auto expected = test::jax_results(R"(
def loss(a, b):
    return ((given['x'] @ (given['w'] + a @ b * 3) + given['bias']) ** 2).sum()
out['loss'], (out['a'], out['b']) = jax.value_and_grad(loss, (0, 1))(given['weight.lora.a'], given['weight.lora.b'])
)",
                                            given);
    const auto ours = test::interpreted({value, gradient["weight.lora.a"], gradient["weight.lora.b"]});
    test::expect_near(ours[0], expected["loss"], 1e-9, "loss");
    test::expect_near(ours[1], expected["a"], 1e-9, "a");
    test::expect_near(ours[2], expected["b"], 1e-9, "b");
}

TEST(Lora, MergedWeightsComputeTheSame) {
    const auto results = test::interpreted({LAYER(with_lora(frozen(), trained(), RANK_TWO), some_rows()),
                                            LAYER(merge_lora(frozen(), trained(), RANK_TWO), some_rows())});
    test::expect_near(results[1], results[0], 1e-12, "merged");
}

TEST(Lora, BesideQuantizedWeightsItIsTheSameAsBesideWhatTheyStandFor) {
    const Tree narrow = quantize(frozen()), wide = dequantize(narrow);
    const auto results = test::interpreted({LAYER(with_lora(narrow, trained(), RANK_TWO), some_rows()),
                                            LAYER(merge_lora(wide, trained(), RANK_TWO), some_rows())});
    test::expect_near(results[1], results[0], 1e-9, "merged");
    EXPECT_THAT(init_lora(narrow, key(1), RANK_TWO).paths()->names(), ElementsAre("weight.lora.a", "weight.lora.b"));
}

TEST(Lora, FirstAdaptersChangeNothingAndStandBesideWhatIsChosen) {
    const Tree parameters = TreeBuilder<Tensor>()
                                .add("wte.weight", zeros({9, 4}))
                                .add("h.0.q", LAYER.init(key(1)))
                                .add("h.0.k", LAYER.init(key(2)))
                                .build();
    const Tree adapters = init_lora(parameters, key(3), {.rank = 2, .except = {"wte.weight", "**.k.weight"}});
    EXPECT_THAT(adapters.paths()->names(), ElementsAre("h.0.q.weight.lora.a", "h.0.q.weight.lora.b"));
    const Tensor x = convert(some_rows(), DataType::FLOAT32);
    const auto results = test::interpreted({LAYER(parameters.subtree("h.0.q"), x),
                                            LAYER(with_lora(parameters, adapters).subtree("h.0.q"), x),
                                            adapters["h.0.q.weight.lora.a"]});
    EXPECT_TRUE(results[0] == results[1]);
    EXPECT_NE(results[2].as_double(0), 0.0);
}

TEST(Lora, SaysWhatIsWrong) {
    expect_error(Code::INVALID_ARGUMENT, "lora: the rank is at least 1, got 0",
                 [] { init_lora(frozen(), key(0), {.rank = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "lora: no matrix of a linear layer matches [x]",
                 [] { init_lora(frozen(), key(0), {.patterns = {"x"}}); });
    expect_error(Code::NOT_FOUND, "weight", [] { merge_lora(quantize(frozen()), trained()); });
}

}  // namespace
}  // namespace podium::nn
