#include "podium/nn/float8.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::nn {
namespace {

using test::f64;

constexpr DataType E4M3 = DataType::FLOAT8_E4M3FN, E5M2 = DataType::FLOAT8_E5M2;
/// The same product in JAX; `q` gives what scaling to a type leaves of an array.
constexpr const char* QUANTIZED =
    "(lambda q: {})(lambda a, t, m: (a / (jnp.abs(a).max() / m)).astype(t).astype('f8') * (jnp.abs(a).max() / m))";

TEST(Float8, GreatestNumbersAreMlDtypess) {
    for (const auto& [type, name] : {std::pair{E4M3, "float8_e4m3fn"},
                                     {E5M2, "float8_e5m2"},
                                     {DataType::FLOAT8_E4M3, "float8_e4m3"},
                                     {DataType::FLOAT8_E3M4, "float8_e3m4"},
                                     {DataType::FLOAT8_E4M3FNUZ, "float8_e4m3fnuz"},
                                     {DataType::FLOAT4_E2M1FN, "float4_e2m1fn"}}) {
        test::Oracle oracle;
        oracle.expect(fmt::format("np.float64(jnp.finfo(jnp.{}).max)", name), {},
                      HostArray::scalar(greatest_number(type)));
        oracle.check();
    }
    EXPECT_EQ(greatest_number(DataType::INT4), 7);
    expect_error(Code::DTYPE_MISMATCH, "at most 8 bits, got f16", [] { greatest_number(DataType::FLOAT16); });
    expect_error(Code::DTYPE_MISMATCH, "got u8", [] { greatest_number(DataType::UINT8); });
}

TEST(Float8, ScalingUsesTheWholeRangeAndSaturates) {
    const HostArray x = f64({3, 5});
    test::Oracle oracle;
    const auto found = test::run(
        [](const Tensors& in) {
            const Scaled all = scaled_to(in[0], E4M3), columns = scaled_to(in[0], E4M3, 1);
            const Tensor small = full({}, 0.001, DataType::FLOAT64);
            return Tensors{convert(all.values, DataType::FLOAT64), all.scale, columns.scale,
                           convert(scaled_by(in[0], small, E4M3), DataType::FLOAT64)};
        },
        {x});
    oracle.expect("(x[0] / (jnp.abs(x[0]).max() / 448)).astype(jnp.float8_e4m3fn).astype('f8')", {x}, found[0]);
    oracle.expect("jnp.abs(x[0]).max() / 448", {x}, found[1]);
    oracle.expect("jnp.abs(x[0]).max(0, keepdims=True) / 448", {x}, found[2]);
    oracle.expect("jnp.clip(x[0] / 0.001, -448, 448).astype(jnp.float8_e4m3fn).astype('f8')", {x}, found[3]);
    oracle.check();
    const auto zero = test::run([](const Tensors& in) { return Tensors{scaled_to(in[0], E4M3).scale}; },
                                {HostArray(Shape(DataType::FLOAT64, {2}))})[0];
    EXPECT_EQ(zero.as_double(0), 1);
}

TEST(Float8, ProductsAndTheirGradientsAreThoseOfTheRoundedSides) {
    const HostArray x = f64({2, 3, 4}), weight = f64({4, 5}, 2), cotangent = f64({2, 3, 5}, 3);
    const auto found = test::run(
        [](const Tensors& in) {
            const auto weigh = [&](const std::pair<Tensor, Tensor>& p) {
                return sum(float8_matmul(p.first, p.second) * in[2]);
            };
            const auto [dx, dw] = grad(weigh)(std::pair{in[0], in[1]});
            return Tensors{float8_matmul(in[0], in[1]), dx, dw};
        },
        {x, weight, cotangent});
    test::Oracle oracle;
    const auto expect = [&](const char* formula, const HostArray& ours) {
        oracle.expect(fmt::format(fmt::runtime(QUANTIZED), formula), {x, weight, cotangent}, ours, 1e-12);
    };
    expect("q(x[0], jnp.float8_e4m3fn, 448) @ q(x[1], jnp.float8_e4m3fn, 448)", found[0]);
    expect("q(x[2], jnp.float8_e5m2, 57344) @ q(x[1], jnp.float8_e4m3fn, 448).T", found[1]);
    expect("jnp.einsum('abi,abo->io', q(x[0], jnp.float8_e4m3fn, 448), q(x[2], jnp.float8_e5m2, 57344))", found[2]);
    oracle.check();
}

TEST(Float8, DelayedScalesAreThoseOfTheLastSteps) {
    const auto scales = test::run(
        [](const Tensors& in) {
            Tensor history = zeros({2}, DataType::FLOAT32);
            Tensors found{delayed_scale(history)};
            for (const double factor : {4.0, 2.0, 1.0, 0.5}) {
                history = with_magnitude(history, in[0] * factor);
                found.push_back(delayed_scale(history));
            }
            return found;
        },
        {HostArray::of<float>({2}, std::vector<float>{-448, 1})});
    std::vector<double> found;
    found.reserve(scales.size());
    for (const auto& scale : scales) found.push_back(scale.as_double(0));
    EXPECT_EQ(found, (std::vector<double>{1, 4, 4, 2, 1}));  // a history of two: 4 is forgotten at the third
    const Tensor x = full({2, 2}, 3.0), scale = full({}, 0.5);
    const auto product =
        test::run([&](const Tensors&) { return Tensors{float8_matmul(x, x, {.x = scale, .weight = scale})}; }, {})[0];
    EXPECT_EQ(product.as_double(0), 18);  // 3 is exact in units of 0.5
}

}  // namespace
}  // namespace podium::nn
