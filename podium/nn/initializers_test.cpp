#include "podium/nn/initializers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::nn {
namespace {

struct InitializerCase {
    std::string name;
    Initializer initializer;
    Dims dims;
    double deviation;  ///< expected
    double largest;    ///< no element is beyond
    std::string jax;
};

const std::vector<InitializerCase>& cases() {
    constexpr double CUT = 0.87962566103423978;  // deviation of a normal number cut at two deviations
    constexpr double FAR = 6.0;
    static const std::vector<InitializerCase> CASES{
        {"normal", normal(0.02), {64, 48}, 0.02, 0.02 * FAR, "normal(0.02)"},
        {"truncated_normal", truncated_normal(0.5), {64, 48}, 0.5 * CUT, 1.0, "truncated_normal(0.5)"},
        {"xavier_uniform", xavier_uniform(), {64, 48}, std::sqrt(2.0 / 112), std::sqrt(6.0 / 112), "glorot_uniform()"},
        {"xavier_normal",
         xavier_normal(),
         {64, 48},
         std::sqrt(2.0 / 112),
         std::sqrt(2.0 / 112) * FAR,
         "variance_scaling(1.0, 'fan_avg', 'normal')"},
        {"kaiming_uniform", kaiming_uniform(), {64, 48}, std::sqrt(2.0 / 64), std::sqrt(6.0 / 64), "he_uniform()"},
        {"kaiming_normal",
         kaiming_normal(),
         {64, 48},
         std::sqrt(2.0 / 64),
         std::sqrt(2.0 / 64) * FAR,
         "variance_scaling(2.0, 'fan_in', 'normal')"},
        {"kaiming_window",
         kaiming_normal(),
         {3, 3, 16, 24},
         std::sqrt(2.0 / 144),
         std::sqrt(2.0 / 144) * FAR,
         "variance_scaling(2.0, 'fan_in', 'normal')"},
    };
    return CASES;
}

TEST(Initializers, HaveTheirMeanDeviationAndLimits) {
    for (const auto& [name, initializer, dims, deviation, largest, jax] : cases()) {
        const Tensor drawn = initializer(key(5), dims, DataType::FLOAT32);
        EXPECT_EQ(drawn.shape(), Shape(DataType::FLOAT32, dims)) << name;
        const auto results = test::interpreted({mean(drawn), mean(square(drawn)), max(abs(drawn))});
        EXPECT_NEAR(results[0].as_double(0), 0.0, 0.06 * deviation) << name;  // over three standard errors
        EXPECT_NEAR(std::sqrt(results[1].as_double(0)), deviation, 0.04 * deviation) << name;
        EXPECT_LE(results[2].as_double(0), largest) << name;
    }
}

TEST(Initializers, DrawJaxsNumbersFromItsKeys) {
    std::string script;
    for (const auto& each : cases())
        script.append(fmt::format("out['{}'] = jax.nn.initializers.{}(jax.random.key(5), ({},), jnp.float32)\n",
                                  each.name, each.jax, join(each.dims)));
    const auto expected = test::jax_results(script, {});
    for (const auto& each : cases())
        test::expect_near(each.initializer(key(5), each.dims, DataType::FLOAT32).to_host(), expected[each.name], 2e-6,
                          each.name);
}

TEST(Initializers, RefuseVectorsWhereTheyNeedFans) {
    expect_error(Code::SHAPE_MISMATCH, "initializer: needs dimensions (in, out), got [4]",
                 [] { xavier_uniform()(key(0), {4}, DataType::FLOAT32); });
}

}  // namespace
}  // namespace podium::nn
