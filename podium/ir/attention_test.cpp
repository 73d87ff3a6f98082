#include "podium/ir/attention.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/flops.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TensorFunction with(const AttentionOptions& options) {
    return [=](const Tensors& in) { return Tensors{attention(in[0], in[1], in[2], options)}; };
}

const std::vector<HostArray>& few() {
    static const std::vector<HostArray> INPUTS{f64({2, 5, 3, 4}, 1), f64({2, 5, 3, 4}, 2), f64({2, 5, 3, 4}, 3)};
    return INPUTS;
}

HostArray documents() { return HostArray::of<std::int32_t>({2, 5}, std::vector{0, 0, 1, 1, 1, 0, 1, 2, 2, 0}); }

// jax.nn.dot_product_attention computes f64 in f32.
const std::string THEIRS =
    "(lambda q, k, v, scale, seen: jnp.einsum('bhqk,bkhd->bqhd', jax.nn.softmax(jnp.where(seen, scale * "
    "jnp.einsum('bqhd,bkhd->bhqk', q, k), -1e30)), v))";
const std::string CAUSAL = "np.tri(5, dtype=bool)", SEPARATE =
                                                        "(lambda d: d[:, None, :, None] == d[:, None, None, :])"
                                                        "(np.array([[0, 0, 1, 1, 1], [0, 1, 2, 2, 0]]))";

TEST(Attention, ValuesAndGradientsAreJaxs) {
    const std::string causal = THEIRS + "(*x, 0.5, " + CAUSAL + ")",
                      separate = THEIRS + "(*x, 0.5, " + CAUSAL + " & " + SEPARATE + ")",
                      all = THEIRS + "(*x, 0.5, True)", scaled = THEIRS + "(*x, 0.3, True)";
    test::expect_examples({
        {all.c_str(), with({}), few()},
        {scaled.c_str(), with({.scale = 0.3}), {f64({2, 3, 3, 4}, 4), few()[1], few()[2]}},
        {causal.c_str(), with({.causal = true}), few()},
        {separate.c_str(), with({.causal = true, .documents = constant(documents())}), few()},
    });
}

/// Returns the gradients of sum(sin(attention)), and the result.
Tensors with_gradients(const Tensors& in, const AttentionOptions& options) {
    const Tensor result = attention(in[0], in[1], in[2], options);
    Tensors all = pullback({result}, {cos(result)}, in).gradients;
    all.push_back(result);
    return all;
}

TEST(Attention, LongSequencesAreTheSameInBlocks) {
    constexpr std::int64_t LENGTH = 1280;
    const Dims dims{1, LENGTH, 1, 2};
    const std::vector<HostArray> inputs{f64(dims, 1), f64(dims, 2), f64(dims, 3)};
    std::vector<std::int32_t> numbers(LENGTH);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int32_t>(i / 500);
    const AttentionOptions options{.causal = true,
                                   .documents = constant(HostArray::of<std::int32_t>({1, LENGTH}, numbers))};
    const auto found = test::run([&](const Tensors& in) { return with_gradients(in, options); }, inputs);
    test::Oracle oracle;
    const std::string attend = "(lambda q, k, v: " + THEIRS +
                               "(q, k, v, 0.5 ** 0.5, np.tri(1280, dtype=bool) & (lambda d: d[:, None] == d)"
                               "(np.arange(1280) // 500)))";
    for (std::size_t i = 0; i < found.size(); ++i)
        oracle.expect(fmt::format("(lambda f: jax.vjp(f, *x)[1](jnp.cos(f(*x))) + (f(*x),))({})[{}]", attend, i),
                      inputs, found[i], 1e-11);
    oracle.check();
}

TEST(Attention, SecondDerivativesAreThoseOfWhatItStandsFor) {
    test::expect_gradient(
        [](const Tensors& in) {
            const Tensor result = attention(in[0], in[1], in[2], {.causal = true});
            return pullback({result}, {sin(result)}, in).gradients;
        },
        {f64({1, 3, 1, 2}, 1), f64({1, 3, 1, 2}, 2), f64({1, 3, 1, 2}, 3)});
}

TEST(Attention, CountsItsProductsAsThoseOfMatrices) {
    const TraceScope scope;
    const Tensor q = zeros({2, 8, 3, 4});
    const double product = 2.0 * 2 * 3 * 8 * 8 * 4;
    const Tensors all = with_gradients({q, q, q}, {});
    EXPECT_EQ(matmul_flops({&all.back(), 1}), 2 * product);
    EXPECT_EQ(matmul_flops(all), 6 * product);
}

TEST(Attention, RefusesWhatDoesNotFit) {
    const Tensor x = zeros({1, 4, 2, 8}), longer = zeros({1, 5, 2, 8});
    expect_error(Code::SHAPE_MISMATCH, "attention: takes [batch,queries,heads,depth]",
                 [&] { attention(x, longer, x); });
    expect_error(Code::SHAPE_MISMATCH, "4 queries and 5 keys", [&] { attention(x, longer, longer, {.causal = true}); });
    expect_error(Code::DTYPE_MISMATCH, "of one type", [&] { attention(x, x, zeros({1, 4, 2, 8}, DataType::FLOAT64)); });
    expect_error(Code::SHAPE_MISMATCH, "documents are integers [1,4]",
                 [&] { attention(x, x, x, {.documents = zeros({4}, DataType::INT32)}); });
}

}  // namespace
}  // namespace podium
