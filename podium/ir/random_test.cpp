#include "podium/ir/random.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

HostArray value(const Tensor& tensor) { return test::interpreted({tensor})[0]; }

TEST(Random, NumbersAreJaxsPartitionableOnes) {
    test::Oracle oracle;
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}, std::uint64_t{0x123456789ABCDEF0}}) {
        const Key one = key(seed);
        const auto same = [&](const std::string& jax, const Tensor& ours, double tolerance = -1) {
            oracle.expect(fmt::format("(lambda k: {})(jax.random.PRNGKey({}))", jax, seed), {}, value(ours), tolerance);
        };
        same("k", one.data);
        const auto keys = split<3>(one);
        for (std::size_t i = 0; i < 3; ++i) same(fmt::format("jax.random.split(k, 3)[{}]", i), keys[i].data);
        same("jax.random.fold_in(k, 7)", fold_in(one, 7).data);
        same("jax.random.fold_in(k, 9)", fold_in(one, scalar_of(DataType::INT32, 9)).data);
        for (const Dims& dims : {Dims{}, Dims{5}, Dims{3, 4}, Dims{2, 1, 3}, Dims{0, 2}}) {
            const auto shape = fmt::format("({}{})", join(dims), dims.empty() ? "" : ",");
            same(fmt::format("jax.random.bits(k, {}, 'u4')", shape), random_bits(one, dims));
            same(fmt::format("jax.random.bits(k, {}, 'u8')", shape), random_bits(one, dims, DataType::UINT64));
            same(fmt::format("jax.random.uniform(k, {}, 'f4')", shape), uniform(one, dims), 0.0);
            same(fmt::format("jax.random.uniform(k, {}, 'f4', -3, 5)", shape), uniform(one, dims, -3, 5), 1e-6);
            same(fmt::format("jax.random.uniform(k, {}, 'f8')", shape), uniform(one, dims, 0, 1, DataType::FLOAT64),
                 0.0);
        }
        same("jax.random.normal(k, (400,), 'f4')", normal(one, {400}), 1e-5);
        same("jax.random.truncated_normal(k, -2, 2, (400,), 'f4')", truncated_normal(one, {400}), 1e-5);
        same("jax.random.truncated_normal(k, -1, 3, (400,), 'f4')", truncated_normal(one, {400}, -1, 3), 1e-5);
        same("jax.random.bernoulli(k, np.float32(0.3), (400,))", bernoulli(one, 0.3, {400}));
        const Tensor logits = constant(test::sample(Shape(DataType::FLOAT32, {50, 7}), -2, 2, seed));
        oracle.expect(fmt::format("jax.random.categorical(jax.random.PRNGKey({}), x[0]).astype('i4')", seed),
                      {value(logits)}, value(categorical(one, logits)));
    }
    oracle.check();
}

TEST(Random, InverseErrorFunctionIsJaxs) {
    test::Oracle oracle;
    for (const DataType type : {DataType::FLOAT32, DataType::FLOAT64}) {
        const HostArray x = test::sample(Shape(type, {200}), -1, 1);
        oracle.expect("lax.erf_inv(x[0])", {x}, value(erf_inv(constant(x))), 1e-5);
        const HostArray near =
            value(constant(HostArray::of<double>({6}, std::vector<double>{-1, 1, 0, 0.9999999, -0.99999999, 1e-9})));
        const Tensor edges = convert(constant(near), type);
        oracle.expect("lax.erf_inv(x[0])", {value(edges)}, value(erf_inv(edges)), 1e-5);
    }
    oracle.check();
}

TEST(Random, SixteenBitNumbersAreRoundedFromWiderOnes) {
    for (const DataType type : {DataType::BFLOAT16, DataType::FLOAT16}) {
        EXPECT_EQ(value(normal(key(1), {20}, type)), value(convert(normal(key(1), {20}), type)));
        EXPECT_EQ(value(truncated_normal(key(1), {20}, -2, 2, type)),
                  value(convert(truncated_normal(key(1), {20}), type)));
    }
}

TEST(Random, ErrorsSayWhatAKeyIs) {
    expect_error(Code::SHAPE_MISMATCH, "random: a key is u32[2], got f32[2]; make one with key(seed)",
                 [] { uniform(Key{zeros({2})}, {3}); });
    expect_error(Code::DTYPE_MISMATCH, "uniform: gives floating-point numbers, asked for i32",
                 [] { uniform(key(0), {3}, 0, 1, DataType::INT32); });
    expect_error(Code::DTYPE_MISMATCH, "normal: gives floating-point numbers, asked for i32",
                 [] { normal(key(0), {3}, DataType::INT32); });
    expect_error(Code::DTYPE_MISMATCH, "random_bits: gives u32 or u64, asked for i8",
                 [] { random_bits(key(0), {3}, DataType::INT8); });
}

}  // namespace
}  // namespace podium
