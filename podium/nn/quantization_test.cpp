#include "podium/nn/quantization.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/nn/activations.h"
#include "podium/nn/module.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/jax.h"
#include "tests/support/oracle.h"

namespace podium::nn {
namespace {

using test::f64;
using testing::ElementsAre;

Tree tree_of(const Tensor& weight) { return TreeBuilder<Tensor>().add("up.weight", weight).build(); }

TEST(Quantize, ValuesAndScalesAreThoseOfTheFormula) {
    const HostArray weight = f64({6, 4});
    test::Oracle oracle;
    for (const auto& [storage, greatest] : {std::pair{DataType::INT8, 127}, {DataType::INT4, 7}, {DataType::INT2, 1}})
        for (const std::int64_t group : {0, 3}) {
            const auto found = test::run(
                [&, storage = storage](const Tensors& in) {
                    const Tree tree = quantize(tree_of(in[0]), {.storage = storage, .group = group});
                    return Tensors{convert(tree["up.weight.values"], DataType::INT32), tree["up.weight.scale"]};
                },
                {weight});
            const auto groups = group == 0 ? 1 : 6 / group;
            const auto scale = fmt::format("(jnp.abs(x[0].reshape({}, -1, 4)).max(1) / {})", groups, greatest);
            oracle.expect(fmt::format("jnp.round(x[0].reshape({}, -1, 4) / {}[:, None]).reshape(6, 4).astype('i4')",
                                      groups, scale),
                          {weight}, found[0]);
            oracle.expect(scale, {weight}, found[1]);
        }
    oracle.check();
}

TEST(Quantize, ProductsAreThoseOfTheNumbersThatAreLeft) {
    const HostArray x = f64({2, 3, 6}, 2), weight = f64({6, 4});
    for (const auto& options :
         {QuantizeOptions{}, QuantizeOptions{.storage = DataType::INT4, .group = 2},
          QuantizeOptions{.storage = DataType::FLOAT8_E4M3FN}, QuantizeOptions{.dynamic_activations = true}}) {
        const auto found = test::run(
            [&](const Tensors& in) {
                const Tree tree = quantize(tree_of(in[1]), options);
                return Tensors{weighted(tree.subtree("up"), in[0]), matmul(in[0], dequantize(tree)["up.weight"])};
            },
            {x, weight});
        EXPECT_EQ(test::difference(found[0], found[1], options.dynamic_activations ? 0.02 : 1e-12), "");
        EXPECT_EQ(test::difference(found[0], found[1], 1e-12).empty(), !options.dynamic_activations);
    }
}

TEST(Quantize, DynamicActivationsHaveAScaleForEachRow) {
    const HostArray x = f64({2, 3, 6}, 2), weight = f64({6, 4});
    test::Oracle oracle;
    const auto found = test::run(
        [](const Tensors& in) {
            return Tensors{weighted(quantize(tree_of(in[1]), {.dynamic_activations = true}).subtree("up"), in[0])};
        },
        {x, weight})[0];
    oracle.expect(
        "(lambda q: q(x[0], -1) @ q(x[1], 0))(lambda a, i: (lambda s: jnp.round(a / s) * s)"
        "(jnp.abs(a).max(i, keepdims=True) / 127))",
        {x, weight}, found, 1e-12);
    oracle.check();
}

TEST(Quantize, ReplacesTheMatricesThatMatch) {
    const Sequential model{{Linear{4, 6}, relu, Linear{6, 3}}};
    const Tree parameters = model.init(key(0));
    const Tree quantized = quantize(parameters, {.except = {"2.*"}});
    EXPECT_THAT(quantized.paths()->names(),
                ElementsAre("0.weight.values", "0.weight.scale", "0.bias", "2.weight", "2.bias"));
    EXPECT_EQ(to_string(quantized["0.weight.values"].shape()), "i8[4,6]");
    EXPECT_EQ(to_string(quantized["0.weight.scale"].shape()), "f32[1,6]");
    EXPECT_EQ(dequantize(quantized).paths()->names(), parameters.paths()->names());
    expect_error(Code::SHAPE_MISMATCH, "quantize: groups of 4 do not divide the 6 inputs of 2.weight",
                 [&] { quantize(parameters, {.group = 4}); });
    expect_error(Code::INVALID_ARGUMENT, "no matrix of floats matches [mlp.*]; the paths are [0.weight",
                 [&] { quantize(parameters, {.patterns = {"mlp.*"}}); });
    expect_error(Code::INVALID_ARGUMENT, "dynamic activations go with i8 weights in one group, not i4",
                 [&] { quantize(parameters, {.storage = DataType::INT4, .dynamic_activations = true}); });
    expect_error(Code::DTYPE_MISMATCH, "got u8", [&] { quantize(parameters, {.storage = DataType::UINT8}); });
}

TEST(Quantize, AwareTrainingSeesWhatIsLeftAndItsGradientGoesStraightThrough) {
    const HostArray weight = f64({6, 4}), cotangent = f64({6, 4}, 3);
    for (const auto& options : {QuantizeOptions{}, QuantizeOptions{.storage = DataType::INT4, .group = 3}}) {
        const auto found = test::run(
            [&](const Tensors& in) {
                const auto aware = [&](const Tensor& w) {
                    return quantization_aware(tree_of(w), options)["up.weight"];
                };
                return Tensors{aware(in[0]), dequantize(quantize(tree_of(in[0]), options))["up.weight"],
                               grad([&](const Tensor& w) { return sum(aware(w) * in[1]); })(in[0])};
            },
            {weight, cotangent});
        EXPECT_EQ(found[0], found[1]);  // the same bits
        EXPECT_EQ(found[2], cotangent);
    }
}

}  // namespace
}  // namespace podium::nn
