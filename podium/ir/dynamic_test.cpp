#include "podium/ir/dynamic.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

Tensor sizes(const std::vector<std::int64_t>& values) {
    return constant(HostArray::of({static_cast<std::int64_t>(values.size())}, values));
}

TEST(Dynamic, EachIsItsStaticSister) {
    const GatherDimensions rows{
        .offset = {1}, .collapsed = {0}, .start_index_map = {0}, .index_vector = 1, .slice_sizes = {1, 3}};
    test::expect_examples({
        {"jnp.broadcast_to(x[0], (2, 3))",
         [](const Tensors& in) {
             return Tensors{dynamic_broadcast_in_dim(in[0], sizes({2, 3}), {2, 3}, {1})};
         },
         {f64({3})}},
        {"x[0].reshape(3, 2)",
         [](const Tensors& in) {
             return Tensors{dynamic_reshape(in[0], sizes({3, 2}), {3, 2})};
         },
         {f64({6})}},
        {"x[0][x[1]]",
         [=](const Tensors& in) {
             return Tensors{dynamic_gather(in[0], in[1], sizes({1, 3}), rows)};
         },
         {f64({4, 3}), HostArray::of<std::int32_t>({2}, std::vector<std::int32_t>{3, 1})}},
        {"lax.conv_general_dilated(x[0], x[1], (1,), ((1, 0),))",
         [](const Tensors& in) {
             return Tensors{
                 dynamic_conv(in[0], in[1], reshape(sizes({1, 0}), {1, 2}),
                              {.dimensions = ConvolutionDimensions::channels_first(1), .low = {1}, .high = {0}})};
         },
         {f64({1, 2, 4}), f64({2, 2, 2}, 2)}},
    });
    test::Oracle oracle;
    const HostArray x = f64({3, 2});
    oracle.expect(
        "lax.pad(x[0], 0.5, ((1, -1, 0), (-1, 2, 1)))", {x},
        test::run(
            [](const Tensors& in) {
                return Tensors{dynamic_pad(in[0], 0.5, sizes({1, -1}), sizes({-1, 2}), sizes({0, 1}), {3, 4})};
            },
            {x})[0]);
    oracle.expect("jnp.broadcast_to(jnp.arange(3.0), (2, 3))", {},
                  test::run(
                      [](const Tensors&) {
                          return Tensors{dynamic_iota(sizes({2, 3}), {2, 3}, 1, DataType::FLOAT64)};
                      },
                      {})[0]);
    oracle.expect("jnp.int32(2)", {x},
                  test::run([](const Tensors& in) { return Tensors{get_dimension_size(in[0], -1)}; }, {x})[0]);
    oracle.check();
}

TEST(Dynamic, RandomNumbersHaveTheirDistributionAndType) {
    const auto drawn = test::run(
        [](const Tensors&) {
            const Tensor zero = zeros({}, DataType::FLOAT64), low = full({}, 3, DataType::INT32);
            const auto bits = rng_bit_generator(
                sizes({1, 2}).defined() ? convert(sizes({1, 2}), DataType::UINT64) : Tensor(), {5}, DataType::UINT8);
            return Tensors{rng(zero, 2.0, {500}, RngDistribution::UNIFORM),
                           rng(zero, 1.0, {500}, RngDistribution::NORMAL), rng(low, 6, {500}, RngDistribution::UNIFORM),
                           bits.state, bits.bits};
        },
        {});
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < 500; ++i) {
        EXPECT_GE(drawn[0].as_double(i), 0);
        EXPECT_LT(drawn[0].as_double(i), 2);
        EXPECT_GE(drawn[2].as_double(i), 3);
        EXPECT_LT(drawn[2].as_double(i), 6);
        sum += drawn[0].as_double(i);
        squares += drawn[1].as_double(i) * drawn[1].as_double(i);
    }
    EXPECT_NEAR(sum / 500, 1, 0.15);
    EXPECT_NEAR(squares / 500, 1, 0.2);
    EXPECT_EQ(to_string(drawn[3].shape()), "u64[2]");
    EXPECT_EQ(to_string(drawn[4].shape()), "u8[5]");
}

TEST(Dynamic, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "dynamic_reshape: f32[2] is not 2 integers", [] {
        dynamic_reshape(zeros({6}), zeros({2}), {2, 3});
    });
    expect_error(Code::SHAPE_MISMATCH, "reshape", [] { dynamic_reshape(zeros({6}), sizes({2, 2}), {2, 2}); });
    expect_error(Code::DTYPE_MISMATCH, "rng: takes two floating-point scalars of one type, got i32[]",
                 [] { rng(zeros({}, DataType::INT32), 1, {2}, RngDistribution::NORMAL); });
    expect_error(Code::DTYPE_MISMATCH, "rng_bit_generator: takes a state u64[2]",
                 [] { rng_bit_generator(zeros({2}), {3}); });
}

}  // namespace
}  // namespace podium
