#include "podium/exec/bucketing.h"

#include <gtest/gtest.h>

#include <random>

#include "podium/base/expect_error.h"
#include "podium/models/gpt.h"
#include "podium/nn/losses.h"
#include "podium/optim/optim.h"

namespace podium {
namespace {

constexpr DataType F64 = DataType::FLOAT64;

struct Sample {
    Tensor inputs, targets;
    static constexpr std::array names{"inputs", "targets"};
};

Sample sample_of(std::int64_t length, std::uint32_t seed) {
    std::mt19937 engine(seed);
    HostArray inputs(Shape(DataType::INT32, {2, length})), targets(Shape(DataType::INT32, {2, length}));
    for (auto* array : {&inputs, &targets})
        for (auto& token : array->mutable_span<std::int32_t>()) token = static_cast<std::int32_t>(engine() % 11);
    return {tensor(inputs), tensor(targets)};
}

/// Trains on sequences of 1 to 512 tokens: four buckets are four programs, and each loss is that of the exact length.
TEST(Bucketed, TrainsOnEveryLengthWithOneProgramABucket) {
    const models::Gpt model(
        {.vocabulary = 11, .length = 512, .layers = 1, .width = 8, .heads = 2, .precision = {F64, F64}});
    const auto optimizer = optim::adam(1e-2);
    const auto train = [&](const Tree& parameters, const Tree& slots, const Sample& batch, const Tensor& weights) {
        const auto loss = [&](const Tree& p) {
            return nn::cross_entropy(model(p, batch.inputs), batch.targets,
                                     broadcast_to(weights, batch.targets.dims()));
        };
        const auto [value, gradient] = value_and_grad(loss)(parameters);
        const auto [updates, next] = optimizer.update(gradient, slots, parameters);
        return std::tuple(optim::apply_updates(parameters, updates), next, value);
    };
    const auto padded = bucketed([&](const Tree& parameters, const Tree& slots, const Sample& batch,
                                     const Valid& valid) { return train(parameters, slots, batch, valid.mask); },
                                 dynamic("batch.**", 1, 512, 4), {.names = {"parameters", "slots", "batch"}});
    const auto exact = jit([&](const Tree& parameters, const Tree& slots, const Sample& batch) {
        return train(parameters, slots, batch, ones({batch.targets.dim(1)}, DataType::BOOL));
    });
    Tree parameters = model.init(key(0)), slots = optimizer.init(parameters);
    Tree same = parameters, same_slots = slots;
    std::uint32_t seed = 0;
    for (const std::int64_t length : {1, 65, 300, 512, 200, 64}) {
        const Sample batch = sample_of(length, seed++);
        Tensor value, expected;
        std::tie(parameters, slots, value) = padded(parameters, slots, batch);
        std::tie(same, same_slots, expected) = exact(same, same_slots, batch);
        EXPECT_NEAR(value.item<double>(), expected.item<double>(), 1e-9) << length;
    }
    EXPECT_EQ(padded.stats().programs, 4);
    EXPECT_EQ(padded.stats().calls, 6);
    EXPECT_EQ(padded.stats().places, 64 * 2 + 128 + 256 + 512 * 2);
    EXPECT_EQ(padded.stats().padding, padded.stats().places - (1 + 65 + 300 + 512 + 200 + 64));
}

TEST(Bucketed, PadsAnyDimensionAndSaysWhatDoesNotFit) {
    const auto f = bucketed(
        [](const Tensor& x, const Valid& valid) { return std::pair(x * 1.0, sum(x * convert(valid.mask, x.type()))); },
        {"0", -1, {2, 4}});
    const Tensor x = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
    const auto [wide, total] = f(x);
    EXPECT_EQ(wide.to_host(), HostArray::of<float>({2, 4}, {1, 2, 3, 0, 4, 5, 6, 0}));
    EXPECT_EQ(total.item<float>(), 21);
    EXPECT_DOUBLE_EQ(f.stats().padded_share(), 0.25);
    // Inside another program the size is known, and nothing is padded.
    EXPECT_EQ(to_string(jit([&](const Tensor& t) { return f(t).first; })(x).shape()), "f32[2,3]");
    expect_error(Code::OUT_OF_RANGE, "bucketed: size 5 of \"0\" is beyond the largest bucket, 4", [&] {
        f(zeros({1, 5}));
    });
    const auto two = bucketed([](const Tensor& a, const Tensor& b, const Valid&) { return a + b; }, {"*", 0, {4}});
    expect_error(Code::SHAPE_MISMATCH, "bucketed: 1 is f32[3]; its dynamic dimension 0 is 2 elsewhere",
                 [&] { two(zeros({2}), zeros({3})); });
    expect_error(Code::INVALID_ARGUMENT, "bucketed: no leaf of the arguments", [] {
        bucketed([](const Tensor& a, const Valid&) { return a; }, {"nothing", 0, {4}})(zeros({2}));
    });
    expect_error(Code::INVALID_ARGUMENT, "bucketed: buckets [4, 2] do not ascend", [] {
        bucketed([](const Tensor& a, const Valid&) { return a; }, {"0", 0, {4, 2}});
    });
    expect_error(Code::INVALID_ARGUMENT, "dynamic: 12 does not halve 3 times", [] { dynamic("0", 0, 12, 4); });
}

}  // namespace
}  // namespace podium
