#include "podium/numeric/signal.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TEST(Signal, ExamplesAreJaxs) {
    std::vector<test::Example> examples;
    constexpr std::array MODES{std::pair(Overlap::FULL, "full"), std::pair(Overlap::SAME, "same"),
                               std::pair(Overlap::VALID, "valid")};
    std::vector<std::string> texts;  // outlive the examples
    texts.reserve(12);
    for (const auto& [overlap, mode] : MODES)
        for (const auto& [long_one, short_one] : {std::pair(6, 3), std::pair(2, 5)}) {
            const std::vector<HostArray> inputs{f64({long_one}), f64({short_one}, 2)};
            texts.push_back(fmt::format("like(jnp.convolve(x[0], x[1], mode='{}'), x[0])", mode));
            examples.push_back(
                {texts.back().c_str(),
                 [overlap = overlap](const Tensors& in) { return Tensors{convolve(in[0], in[1], overlap)}; }, inputs});
            texts.push_back(fmt::format("like(jnp.correlate(x[0], x[1], mode='{}'), x[0])", mode));
            examples.push_back(
                {texts.back().c_str(),
                 [overlap = overlap](const Tensors& in) { return Tensors{correlate(in[0], in[1], overlap)}; }, inputs});
        }
    test::expect_examples(examples);
}

TEST(Signal, CorrelationConjugatesTheSecond) {
    test::Oracle oracle;
    const std::vector<HostArray> inputs{test::sample(Shape(DataType::COMPLEX128, {5})),
                                        test::sample(Shape(DataType::COMPLEX128, {3}), -2, 2, 2)};
    const auto expect = [&](const char* jax, auto f) {
        oracle.expect(jax, inputs, test::run([&](const Tensors& in) { return Tensors{f(in)}; }, inputs)[0]);
    };
    expect("jnp.correlate(x[0], x[1])", [](const Tensors& in) { return correlate(in[0], in[1]); });
    expect("jnp.correlate(x[1], x[0])", [](const Tensors& in) { return correlate(in[1], in[0]); });
    expect("jnp.convolve(x[0], x[1])", [](const Tensors& in) { return convolve(in[0], in[1]); });
    oracle.check();
    expect_error(Code::SHAPE_MISMATCH, "convolve: takes vectors that are not empty, got f32[2,1] and f32[2]", [] {
        convolve(zeros({2, 1}), zeros({2}));
    });
}

}  // namespace
}  // namespace podium
