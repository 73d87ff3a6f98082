#include "podium/transform/weight_products.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"

namespace podium {
namespace {

Tensor sample(const Dims& dims, int seed) {
    const std::int64_t count = Shape(DataType::FLOAT64, dims).count();
    return reshape(sin((1.3 + 0.1 * seed) * arange(count, DataType::FLOAT64) + seed), dims);
}

void expect_equal(const Tensor& found, const Tensor& expected) {
    ASSERT_EQ(found.dims(), expected.dims());
    EXPECT_LT(max(abs(found - expected)).item<double>(), 1e-12);
}

/// Returns two layers' parameters: [inputs, outputs], a bias, [outputs, inputs], a bias, scales between them.
Tensors two_layers() { return {sample({3, 4}, 1), sample({4}, 2), sample({2, 4}, 3), sample({2}, 4), sample({4}, 5)}; }

TEST(WeightProducts, AreALayersInputsAndItsOutputsGradients) {
    const Tensor x = sample({5, 6, 3}, 6), target = sample({5, 6, 2}, 7);
    const auto loss = [&](const Tensors& p) {
        const Tensor hidden = tanh(matmul(x, p[0]) + p[1]) * p[4];
        return mean(square(matmul(hidden, transpose(p[2])) + p[3] - target));
    };
    const Tensors p = two_layers();
    const auto layers = weight_products(loss, p);
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_EQ(layers[0].weight, 0U);
    EXPECT_EQ(layers[0].bias, 1U);
    EXPECT_FALSE(layers[0].transposed);
    EXPECT_EQ(layers[1].weight, 2U);
    EXPECT_EQ(layers[1].bias, 3U);
    EXPECT_TRUE(layers[1].transposed);

    // By hand: y = h W2^T + b2, h = tanh(a) s, a = x W1 + b1.
    const Tensor flat = reshape(x, {30, 3}), squashed = tanh(matmul(flat, p[0]) + p[1]), hidden = squashed * p[4];
    const Tensor by_y = (matmul(hidden, transpose(p[2])) + p[3] - reshape(target, {30, 2})) * (2.0 / 60.0);
    expect_equal(layers[0].inputs, flat);
    expect_equal(layers[1].inputs, hidden);
    expect_equal(layers[1].gradients, by_y);
    expect_equal(layers[0].gradients, matmul(by_y, p[2]) * p[4] * (1.0 - square(squashed)));

    const Tensors gradient = grad(loss)(p);
    for (const auto& layer : layers) {
        const Tensor by_weight = matmul(transpose(layer.inputs), layer.gradients);
        expect_equal(layer.transposed ? transpose(by_weight) : by_weight, gradient[layer.weight]);
        expect_equal(sum(layer.gradients, {0}), gradient[*layer.bias]);
    }
}

TEST(WeightProducts, AreFoundOnEitherSideAndThroughConversions) {
    const Tensor x = sample({3, 7}, 1);
    const auto loss = [&](const Tensors& p) {
        const Tensor up = tanh(matmul(convert(p[0], DataType::FLOAT64), x));  // [4, 7], outputs first
        return sum(square(dot_general(up, p[1], {{}, {}, {0}, {1}})));        // p[1]: [outputs, inputs]
    };
    const Tensors p{convert(sample({4, 3}, 2), DataType::FLOAT32), sample({2, 4}, 3)};
    const auto layers = weight_products(loss, p);
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_TRUE(layers[0].transposed && layers[1].transposed);
    EXPECT_FALSE(layers[0].bias || layers[1].bias);
    expect_equal(layers[0].inputs, transpose(x));
    const Tensors gradient = grad(loss)(p);
    expect_equal(matmul(transpose(layers[1].gradients), layers[1].inputs), gradient[1]);
    const Tensor by_first = matmul(transpose(layers[0].gradients), layers[0].inputs);
    EXPECT_LT(max(abs(by_first - convert(gradient[0], DataType::FLOAT64))).item<double>(), 1e-5);
}

TEST(WeightProducts, AreNoneOfWhatIsUsedOtherwise) {
    const Tensor x = sample({5, 4}, 1), w = sample({4, 4}, 2), b = sample({4}, 3);
    const auto count = [&](const std::function<Tensor(const Tensors&)>& loss) {
        return weight_products(loss, {w, b}).size();
    };
    EXPECT_EQ(count([&](const Tensors& p) { return sum(matmul(x, p[0])); }), 1U);
    EXPECT_EQ(count([&](const Tensors& p) { return sum(matmul(matmul(x, p[0]), p[0])); }), 0U);
    EXPECT_EQ(count([&](const Tensors& p) { return sum(matmul(x, p[0])) + sum(square(p[0])); }), 0U);
    EXPECT_EQ(count([&](const Tensors& p) { return sum(matmul(x, p[0] * 2.0)); }), 0U);
    EXPECT_EQ(count([&](const Tensors& p) { return sum(take(p[0], tensor<std::int32_t>({2}, {0, 3}))); }), 0U);
    EXPECT_EQ(
        count([&](const Tensors& p) {
            return sum(scan_list([&](const Tensors& in) { return Tensors{tanh(matmul(in[0], p[0]))}; }, {x}, {}, 2)[0]);
        }),
        0U);
    EXPECT_EQ(
        count([&](const Tensors& p) {
            return sum(remat_list([](const Tensors& in) { return Tensors{tanh(matmul(in[0], in[1]))}; }, {x, p[0]})[0]);
        }),
        0U);
    // Two parameters multiplied, as adapters of low rank are: no side is data.
    const auto adapted = [&](const Tensors& p) { return sum(matmul(x, matmul(p[0], p[1]))); };
    EXPECT_TRUE(weight_products(adapted, {w, sample({4, 4}, 4)}).empty());
}

TEST(WeightProducts, BiasesAreAddedToNothingElse) {
    const Tensor x = sample({5, 4}, 1);
    const Tensors p{sample({4, 4}, 2), sample({4}, 3)};
    const auto bias = [&](const std::function<Tensor(const Tensors&)>& loss) {
        const auto layers = weight_products(loss, p);
        return !layers.empty() && layers[0].bias.has_value();
    };
    EXPECT_TRUE(bias([&](const Tensors& in) { return sum(tanh(in[1] + matmul(x, in[0]))); }));
    EXPECT_FALSE(bias([&](const Tensors& in) { return sum(tanh(matmul(x, in[0]) * in[1])); }));
    EXPECT_FALSE(bias([&](const Tensors& in) { return sum(tanh(matmul(x, in[0]) + in[1])) + sum(in[1]); }));
    // Along the rows, not the outputs.
    const Tensor square_x = sample({4, 4}, 4);
    EXPECT_FALSE(bias([&](const Tensors& in) { return sum(tanh(matmul(square_x, in[0]) + expand_dims(in[1], 1))); }));
    // The product itself is used too: its gradient is not the sum's.
    EXPECT_FALSE(bias([&](const Tensors& in) {
        const Tensor product = matmul(x, in[0]);
        return sum(tanh(product + in[1])) + sum(product);
    }));
    expect_error(Code::SHAPE_MISMATCH, "the loss must be a floating-point scalar",
                 [&] { weight_products([&](const Tensors& in) { return matmul(x, in[0]); }, p); });
}

}  // namespace
}  // namespace podium
