#include "podium/ir/quantization.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

Tensor vector_of(const std::vector<double>& values) {
    return constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
}

TEST(Quantization, TheSpecificationsExampleIsItsOwn) {
    const Tensor x = vector_of({4.0, 15.0});
    const Quantization q{.scale = vector_of({0.1, 0.5}), .zero_point = vector_of({-30, -20}), .axis = 0};
    const auto found = test::run([&](const Tensors&) { return Tensors{uniform_quantize(x, q)}; }, {})[0];
    EXPECT_EQ(found, HostArray::of<std::int8_t>({2}, std::vector<std::int8_t>{10, 10}));
}

TEST(Quantization, ValuesAreRoundedAndKeptInside) {
    test::Oracle oracle;
    const HostArray x = test::sample(Shape(DataType::FLOAT64, {3, 8}), -3, 3);
    for (const auto& [storage, least, greatest] : {std::tuple{DataType::INT8, -128, 127},
                                                   {DataType::UINT4, 0, 15},
                                                   {DataType::INT4, -8, 7},
                                                   {DataType::INT2, -2, 1}}) {
        const auto quantized = [&, storage = storage](const Tensors& in) {
            const Quantization q{.scale = full({}, 0.25, DataType::FLOAT64),
                                 .zero_point = full({}, 1, DataType::FLOAT64),
                                 .storage = storage};
            const Tensor integers = uniform_quantize(in[0], q);
            return Tensors{convert(integers, DataType::INT32), uniform_dequantize(integers, q)};
        };
        const auto found = test::run(quantized, {x});
        const std::string units = fmt::format("jnp.round(jnp.clip(x[0] / 0.25 + 1, {}, {}))", least, greatest);
        oracle.expect(units + ".astype('i4')", {x}, found[0]);
        oracle.expect("(" + units + " - 1) * 0.25", {x}, found[1]);
        test::expect_mapped(quantized, {x});
    }
    oracle.check();
}

TEST(Quantization, SymmetricScalesAreThoseOfTheGreatestMagnitudes) {
    test::Oracle oracle;
    const HostArray x = f64({3, 5});
    const auto restored = [](std::optional<std::int64_t> axis) {
        return [=](const Tensors& in) {
            const Quantized q = quantize_symmetric(in[0], DataType::INT8, axis);
            return Tensors{uniform_dequantize(q.integers, q.quantization)};
        };
    };
    oracle.expect("(lambda s: jnp.round(x[0] / s) * s)(jnp.abs(x[0]).max() / 127)", {x},
                  test::run(restored(std::nullopt), {x})[0]);
    oracle.expect("(lambda s: jnp.round(x[0] / s) * s)(jnp.abs(x[0]).max(1, keepdims=True) / 127)", {x},
                  test::run(restored(0), {x})[0]);
    oracle.check();
    const auto zero = test::run(restored(std::nullopt), {HostArray(Shape(DataType::FLOAT64, {2}))})[0];
    EXPECT_EQ(zero.as_double(0), 0);
}

TEST(Quantization, GradientsGoStraightThrough) {
    test::Oracle oracle;
    const HostArray x = test::sample(Shape(DataType::FLOAT64, {4, 6}), -3, 3),
                    scale = test::sample(Shape(DataType::FLOAT64, {4}), 0.1, 0.5, 2), cotangent = f64({4, 6}, 3);
    const auto gradients = test::run(
        [](const Tensors& in) {
            const Quantization q{.scale = in[1], .axis = 0, .storage = DataType::INT4};
            return pullback({fake_quantize(in[0], q)}, {in[2]}, {in[0], in[1]}).gradients;
        },
        {x, scale, cotangent});
    oracle.expect("jnp.where((x[0] / x[1][:, None] >= -8) & (x[0] / x[1][:, None] <= 7), x[2], 0)",
                  {x, scale, cotangent}, gradients[0]);
    oracle.expect(
        "(lambda u: (x[2] * jnp.where((u >= -8) & (u <= 7), jnp.round(u) - u, jnp.clip(u, -8, 7))).sum(1))(x[0] / "
        "x[1][:, None])",
        {x, scale, cotangent}, gradients[1]);
    oracle.check();
    test::expect_gradient(  // the numbers that integers stand for depend on the scale
        [](const Tensors& in) {
            return Tensors{uniform_dequantize(in[1], {.scale = in[0], .axis = 0, .storage = DataType::INT32})};
        },
        {f64({2}), HostArray::of<std::int32_t>({2, 2}, std::vector<std::int32_t>{1, -2, 3, 4})});
}

TEST(Quantization, SaysWhatDoesNotFit) {
    const Tensor x = zeros({2, 3});
    expect_error(Code::SHAPE_MISMATCH,
                 "uniform_quantize: the scale f32[4] and zero point f32[4] are not one for all of f32[2,3]",
                 [&] { uniform_quantize(x, {.scale = zeros({4})}); });
    expect_error(Code::DTYPE_MISMATCH, "fake_quantize: takes floating-point scales",
                 [&] { fake_quantize(x, {.scale = zeros({}), .storage = DataType::FLOAT16}); });
    expect_error(Code::DTYPE_MISMATCH, "uniform_dequantize: takes i8, got f32[2,3]",
                 [&] { uniform_dequantize(x, {.scale = zeros({})}); });
}

}  // namespace
}  // namespace podium
