#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/mesh/all_reduce.h"
#include "podium/mesh/sequence_attention.h"

namespace podium {
namespace {

using testing::HasSubstr;
using testing::Not;

Tensor drawn(std::uint64_t seed, Dims dims) { return uniform(key(seed), std::move(dims), -1, 1, DataType::FLOAT64); }

void expect_alike(const Tensor& found, const Tensor& expected, double tolerance, const std::string& what) {
    const HostArray a = found.to_host(), b = expected.to_host();
    ASSERT_EQ(to_string(a.shape()), to_string(b.shape())) << what;
    for (std::int64_t i = 0; i < a.count(); ++i)
        ASSERT_NEAR(a.as_double(i), b.as_double(i), tolerance) << what << ", element " << i;
}

TEST(AllReduce, EveryStrategySumsAndHasTheGradientOfASum) {
    const Mesh mesh({{"slow", 2}, {"fast", 4}}, devices("cpu"));
    const Tensor x = drawn(1, {8, 3, 5});
    for (const auto& [strategy, name] : enum_names(AllReduceStrategy())) {
        SCOPED_TRACE(name);
        const auto g = shard_map([strategy = strategy](const Tensor& y) { return psum(sin(y), "slow,fast", strategy); },
                                 mesh, {{"slow,fast"}}, {{}});
        const auto loss = [&](const Tensor& y) { return sum(cos(g(y))); };
        const auto both = jit([&](const Tensor& y) { return std::pair(g(y), grad(loss)(y)); }, {.mesh = &mesh});
        const auto [value, gradient] = both(x);
        const Tensor expected = sum(sin(x), {0}, true);
        expect_alike(value, expected, 1e-13, "value");
        expect_alike(gradient, -(sin(expected) * cos(x)), 1e-13, "gradient");
        const auto alone = jit(g, {.mesh = &mesh});
        alone(x);
        const auto text = alone.executable()->optimized_text();
        const bool whole = strategy == AllReduceStrategy::COMPILER;
        const bool shares = strategy == AllReduceStrategy::RING || strategy == AllReduceStrategy::HIERARCHICAL;
        EXPECT_EQ(text.find("reduce-scatter(") != std::string::npos, shares);
        EXPECT_EQ(text.find("all-gather(") != std::string::npos, shares);
        EXPECT_EQ(text.find("collective-permute(") != std::string::npos, strategy == AllReduceStrategy::TREE);
        EXPECT_EQ(text.find("all-reduce(") != std::string::npos, whole || strategy == AllReduceStrategy::HIERARCHICAL);
    }
}

TEST(AllReduce, SaysWhichStrategyWantsWhat) {
    const Mesh mesh({{"a", 3}}, devices("cpu"));
    const auto with = [&](AllReduceStrategy strategy) {
        return jit(shard_map([=](const Tensor& y) { return psum(y, "a", strategy); }, mesh, {{"a"}}, {{}}),
                   {.mesh = &mesh});
    };
    expect_error(Code::INVALID_ARGUMENT, "a power of two of devices, and \"a\" has 3; take the ring",
                 [&] { with(AllReduceStrategy::TREE)(zeros({3})); });
    expect_error(Code::INVALID_ARGUMENT, "over two axes or more",
                 [&] { with(AllReduceStrategy::HIERARCHICAL)(zeros({3})); });
    expect_alike(with(AllReduceStrategy::RING)(ones({3, 5})), full({1, 5}, 3.0), 0, "five elements on three devices");
}

/// Attention of a length over eight devices, against `attention` of the whole on one.
TEST(SequenceAttention, RingAndAllToAllAreAttentionWithItsGradients) {
    const Mesh mesh({{"data", 1}, {"seq", 8}}, devices("cpu"));
    using Heads = std::tuple<Tensor, Tensor, Tensor>;
    const Heads heads{drawn(1, {2, 32, 8, 4}), drawn(2, {2, 32, 8, 4}), drawn(3, {2, 32, 8, 4})};
    const Tensor documents = constant(HostArray::of({1, 32}, [] {
        std::vector<std::int32_t> numbers;
        numbers.reserve(32);
        for (std::int32_t i = 0; i < 32; ++i) numbers.push_back(i / 11);
        return numbers;
    }()));
    for (const bool causal : {false, true})
        for (const bool apart : {false, true})
            for (const bool ring : {true, false}) {
                const auto what = fmt::format("{} causal {} documents {}", ring ? "ring" : "all-to-all", causal, apart);
                const auto device = [=](const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& numbers) {
                    AttentionOptions options{.causal = causal, .scale = 0.7};
                    if (apart) options.documents = numbers;
                    return ring ? ring_attention(q, k, v, "seq", options)
                                : all_to_all_attention(q, k, v, "seq", options);
                };
                const Split length{"", "seq"};
                const auto split = shard_map(device, mesh, {length, length, length, length}, {length});
                const auto whole = [=](const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& numbers) {
                    AttentionOptions options{.causal = causal, .scale = 0.7};
                    if (apart) options.documents = numbers;
                    return attention(q, k, v, options);
                };
                const auto all_of = [](const auto& f) {
                    return [f](const Heads& in, const Tensor& numbers) {
                        const auto loss = [&](const Heads& at) {
                            const auto& [q, k, v] = at;
                            return sum(sin(f(q, k, v, numbers)));
                        };
                        const auto& [q, k, v] = in;
                        const auto [of_q, of_k, of_v] = grad(loss)(in);
                        return std::vector<Tensor>{f(q, k, v, numbers), of_q, of_k, of_v};
                    };
                };
                const Tensor twice = broadcast_to(documents, {2, 32});
                const auto eight = jit(all_of(split), {.mesh = &mesh});
                const auto found = eight(heads, twice), expected = jit(all_of(whole))(heads, twice);
                for (std::size_t i = 0; i < 4; ++i) expect_alike(found[i], expected[i], 1e-12, what);
                if (!ring || causal || apart) continue;
                const auto text = eight.executable()->optimized_text();
                EXPECT_THAT(text, HasSubstr("collective-permute"));
                EXPECT_THAT(text, Not(HasSubstr("f64[2,8,4,32]"))) << "no device has scores of all keys";
            }
}

TEST(SequenceAttention, HeadsThatDoNotDivideAreNamed) {
    const Mesh mesh({{"seq", 4}}, devices("cpu"));
    const Split length{"", "seq"};
    const auto f =
        jit(shard_map([](const Tensor& q) { return all_to_all_attention(q, q, q, "seq"); }, mesh, {length}, {length}),
            {.mesh = &mesh});
    expect_error(Code::SHAPE_MISMATCH, "all_to_all: dimension 2 of f32[1,2,6,4] does not split among 4 devices", [&] {
        f(zeros({1, 8, 6, 4}));
    });
}

}  // namespace
}  // namespace podium
