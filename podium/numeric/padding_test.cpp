#include "podium/numeric/padding.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"

namespace podium {
namespace {

using test::f64;

test::Example padded(const char* jax, Dims dims, const Dims& low, const Dims& high, PadMode mode, int value = 0) {
    return {jax,
            [=](const Tensors& in) { return Tensors{pad_mode(in[0], low, high, mode, value)}; },
            {f64(std::move(dims))}};
}

TEST(Padding, ExamplesAreJaxs) {
    test::expect_examples({
        padded("jnp.pad(x[0], ((1, 0), (2, 3)), constant_values=7)", {2, 2}, {1, 2}, {0, 3}, PadMode::CONSTANT, 7),
        padded("jnp.pad(x[0], ((1, 0), (2, 3)), 'edge')", {2, 3}, {1, 2}, {0, 3}, PadMode::EDGE),
        padded("jnp.pad(x[0], ((1, 1), (2, 5)), 'reflect')", {2, 3}, {1, 2}, {1, 5}, PadMode::REFLECT),
        padded("jnp.pad(x[0], ((7, 8),), 'reflect')", {3}, {7}, {8}, PadMode::REFLECT),
        padded("jnp.pad(x[0], ((2, 1),), 'reflect')", {1}, {2}, {1}, PadMode::REFLECT),
        padded("jnp.pad(x[0], ((1, 1), (2, 5)), 'symmetric')", {2, 3}, {1, 2}, {1, 5}, PadMode::SYMMETRIC),
        padded("jnp.pad(x[0], ((7, 8),), 'symmetric')", {3}, {7}, {8}, PadMode::SYMMETRIC),
        padded("jnp.pad(x[0], ((0, 1), (4, 7)), 'wrap')", {2, 3}, {0, 4}, {1, 7}, PadMode::WRAP),
        padded("jnp.pad(x[0], ((2, 1), (3, 0)), 'linear_ramp', end_values=5)", {2, 2}, {2, 3}, {1, 0},
               PadMode::LINEAR_RAMP, 5),
        padded("jnp.pad(x[0], ((2, 1), (1, 1)), 'maximum')", {3, 2}, {2, 1}, {1, 1}, PadMode::MAXIMUM),
        padded("jnp.pad(x[0], ((0, 2), (1, 1)), 'minimum')", {3, 2}, {0, 1}, {2, 1}, PadMode::MINIMUM),
        padded("jnp.pad(x[0], ((0, 2), (1, 1)), 'mean')", {3, 2}, {0, 1}, {2, 1}, PadMode::MEAN),
    });
}

TEST(Padding, IntegersKeepTheirType) {
    const HostArray x = HostArray::of<std::int32_t>({2}, std::vector<std::int32_t>{3, 4});
    const HostArray constant_ones =
        test::run([](const Tensors& in) { return Tensors{pad_mode(in[0], {1}, {2}, PadMode::CONSTANT, 7)}; }, {x})[0];
    EXPECT_EQ(constant_ones, HostArray::of<std::int32_t>({5}, std::vector<std::int32_t>{7, 3, 4, 7, 7}));
    const HostArray greatest =
        test::run([](const Tensors& in) { return Tensors{pad_mode(in[0], {1}, {0}, PadMode::MAXIMUM)}; }, {x})[0];
    EXPECT_EQ(greatest, HostArray::of<std::int32_t>({3}, std::vector<std::int32_t>{4, 3, 4}));
}

TEST(Padding, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "pad_mode: -1 and 0 elements around dimension 0 of f32[2]",
                 [] { pad_mode(zeros({2}), {-1}, {0}, PadMode::EDGE); });
    expect_error(Code::SHAPE_MISMATCH, "there must be one to repeat",
                 [] { pad_mode(zeros({0}), {1}, {0}, PadMode::WRAP); });
    expect_error(Code::SHAPE_MISMATCH, "pad_mode", [] { pad_mode(zeros({2}), {1, 1}, {0}, PadMode::EDGE); });
    expect_error(Code::DTYPE_MISMATCH, "pad_mode: ramps and means are of",
                 [] { pad_mode(zeros({2}, DataType::INT32), {1}, {0}, PadMode::MEAN); });
}

}  // namespace
}  // namespace podium
