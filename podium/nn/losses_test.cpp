#include "podium/nn/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "tests/support/jax_cases.h"

namespace podium::nn {
namespace {

Tensor labels() { return tensor({2, 3}, std::vector<std::int32_t>{3, 0, 1, 1, 2, 3}); }

TEST(Losses, ValuesAndGradientsAreJaxs) {
    Tree logits, pair;
    logits.set("x", test::sample({2, 3, 4}) * 5.0);
    pair.set("x", test::sample({2, 3}));
    pair.set("y", test::sample({2, 3}, 1));
    test::expect_as_jax({
        {"cross_entropy", logits, [](const Tree& p) { return cross_entropy(p["x"], labels()); },
         "optax.softmax_cross_entropy_with_integer_labels(p['x'], np.array([[3, 0, 1], [1, 2, 3]])).mean()"},
        {"weighted", logits,
         [](const Tree& p) {
             return cross_entropy(p["x"], labels(), constant(HostArray::of<float>({2, 3}, {1, 0, 2, 0.5, 0, 0})));
         },
         "(lambda w: (optax.softmax_cross_entropy_with_integer_labels(p['x'], np.array([[3, 0, 1], [1, 2, 3]])) * "
         "w).sum() / "
         "w.sum())(np.array([[1, 0, 2], [0.5, 0, 0]]))"},
        {"mse", pair, [](const Tree& p) { return mean_squared_error(p["x"], p["y"]); },
         "((p['x'] - p['y']) ** 2).mean()"},
    });
}

TEST(Losses, CrossEntropyOfHugeLogitsIsFinite) {
    const Tensor logits = tensor({2, 2}, std::vector<float>{1e30F, 0, 3e4F, 3e4F});
    const Tensor loss = cross_entropy(logits, tensor(std::vector<std::int32_t>{0, 1}));
    EXPECT_NEAR(loss.item<float>(), std::log(2.0F) / 2, 1e-3);  // half of f32's spacing at 3e4
}

TEST(Losses, AreComputedInF32From16Bits) {
    const Tensor logits = convert(test::sample({2, 3, 4}), DataType::BFLOAT16);
    EXPECT_EQ(to_string(cross_entropy(logits, labels()).shape()), "f32[]");
    EXPECT_EQ(cross_entropy(logits, labels()).item<float>(),
              cross_entropy(convert(logits, DataType::FLOAT32), labels()).item<float>());
    EXPECT_EQ(to_string(mean_squared_error(logits, logits).shape()), "f32[]");
}

TEST(Losses, RowsWithoutWeightDoNotCountWhateverTheyHold) {
    const Tensor logits = tensor({2, 2}, std::vector<float>{0, 0, NAN, 0}),
                 labels = tensor(std::vector<std::int32_t>{0, 7});
    const auto weights = [](bool first) { return constant(HostArray::of<float>({2}, {first ? 1.0F : 0.0F, 0})); };
    EXPECT_FLOAT_EQ(cross_entropy(logits, labels, weights(true)).item<float>(), std::log(2.0F));
    EXPECT_EQ(cross_entropy(logits, labels, weights(false)).item<float>(), 0);
}

TEST(Losses, CrossEntropyIsNanWhereALabelNamesNoClass) {
    const Tensor logits = ones({1, 4});
    for (const std::int32_t label : {-1, 4})
        EXPECT_TRUE(std::isnan(cross_entropy(logits, tensor(std::vector{label})).item<float>())) << label;
}

TEST(Losses, AccuracyCountsTheRowsThatAreRight) {
    const Tensor logits = tensor({3, 2}, std::vector<float>{0, 1, 2, 1, 5, 5});
    EXPECT_FLOAT_EQ(accuracy(logits, tensor(std::vector<std::int32_t>{1, 1, 0})).item<float>(), 2.0F / 3);
    EXPECT_FLOAT_EQ(accuracy(logits, tensor(std::vector<std::int64_t>{1, 0, 0})).item<float>(), 1.0F);
}

TEST(Losses, SayWhatTheyTake) {
    const Tensor logits = zeros({2, 4}), rows = zeros({2}, DataType::INT32);
    expect_error(Code::SHAPE_MISMATCH,
                 "cross_entropy: labels i32[2,4] do not name one class for each row of logits f32[2,4]", [&] {
                     cross_entropy(logits, zeros({2, 4}, DataType::INT32));
                 });
    expect_error(Code::DTYPE_MISMATCH,
                 "cross_entropy: takes floating-point logits and integer labels, got f32[2,4] and f32[2]",
                 [&] { cross_entropy(logits, zeros({2})); });
    expect_error(Code::SHAPE_MISMATCH, "accuracy: labels i32[2] do not name one class for each row of logits f32[]",
                 [&] { accuracy(zeros({}), rows); });
    expect_error(Code::SHAPE_MISMATCH,
                 "mean_squared_error: prediction f32[2,4] and target f32[4] differ in shape; reshape one of them?",
                 [&] { mean_squared_error(logits, zeros({4})); });
}

}  // namespace
}  // namespace podium::nn
