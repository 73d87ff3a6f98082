#include "podium/ir/windows.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TensorFunction window(const Binary& combiner, double initial, const Window& w) {
    return [=, &combiner](const Tensors& in) { return Tensors{reduce_window(combiner, in[0], initial, w)}; };
}

TEST(Windows, ExamplesAreJaxs) {
    const HostArray x = f64({5, 6});
    test::expect_examples({
        {"lax.reduce_window(x[0], 0.0, lax.add, (2, 3), (1, 1), 'VALID')", window(add, 0, {.sizes = {2, 3}}), {x}},
        {"lax.reduce_window(x[0], 0.0, lax.add, (2, 3), (2, 3), ((1, 0), (2, 1)), (2, 1), (1, 2))",
         window(add, 0, {{2, 3}, {2, 3}, {2, 1}, {1, 2}, {1, 2}, {0, 1}}),
         {x}},
        {"lax.reduce_window(x[0], 0.5, lax.add, (2, 2), (1, 2), ((-1, 0), (0, -2)))",
         [](const Tensors& in) {
             return Tensors{
                 reduce_window(add, in[0], 0.5, {.sizes = {2, 2}, .strides = {1, 2}, .low = {-1, 0}, .high = {0, -2}})};
         },
         {x}},
        {"lax.reduce_window(x[0], -jnp.inf, lax.max, (2, 2), (2, 2), 'SAME')",
         window(maximum, -INFINITY, {.sizes = {2, 2}, .strides = {2, 2}, .high = {1, 0}}),
         {x}},
        {"lax.reduce_window(x[0], jnp.inf, lax.min, (3, 2), (1, 2), 'VALID')",
         window(minimum, INFINITY, {.sizes = {3, 2}, .strides = {1, 2}}),
         {x}},
        {"lax.reduce_window(x[0], np.array(2, x[0].dtype), lax.add, (2, 3), (1, 2), ((1, 0), (0, 2)))",
         [](const Tensors& in) {
             return Tensors{
                 reduce_window(add, in[0], 2, {.sizes = {2, 3}, .strides = {1, 2}, .low = {1, 0}, .high = {0, 2}})};
         },
         {x}},
        {"lax.reduce_window(x[0], np.array(1, x[0].dtype), lax.max, (2, 3), (1, 2), 'VALID')",
         [](const Tensors& in) {
             return Tensors{reduce_window(maximum, in[0], 1, {.sizes = {2, 3}, .strides = {1, 2}})};
         },
         {x}},
    });
}

TEST(Windows, SelectAndScatterPutsTheSourceWhereTheGreatestAre) {
    const auto spread = [](const Tensors& in) {
        return Tensors{
            select_and_scatter(greater_equal, in[0], in[1], {.sizes = {3, 2}, .strides = {2, 2}, .high = {1, 0}})};
    };
    test::Oracle oracle;
    const HostArray x = f64({4, 4}), source = f64({2, 2}, 2);
    oracle.expect(
        "jax.vjp(lambda a: lax.reduce_window(a, -jnp.inf, lax.max, (3, 2), (2, 2), ((0, 1), (0, 0))), "
        "x[0])[1](x[1])[0]",
        {x, source}, test::run(spread, {x, source})[0]);
    oracle.check();
    test::expect_gradient(spread, {x, source});
    test::expect_mapped(spread, {x, source});
    const auto gathered = [](const Tensors& in) {
        return Tensors{select_and_gather(less_equal, in[0], in[1], {.sizes = {3, 2}, .strides = {1, 2}})};
    };
    test::expect_gradient(gathered, {x, f64({4, 4}, 3)});
    test::expect_mapped(gathered, {x, f64({4, 4}, 3)});
}

TEST(Windows, SecondDerivativesOfPoolingMatchCentralDifferences) {
    const auto pooled = [](const Tensors& in) {
        return Tensors{square(reduce_window(maximum, in[0], -INFINITY, {.sizes = {2, 2}, .strides = {2, 2}}))};
    };
    test::expect_gradient(test::gradient_of(pooled), {f64({4, 4})});
}

TEST(Windows, SeveralTensorsAreReducedTogether) {
    const auto argmax_of_windows = [](const Tensors& in) {
        const Tensor index = iota(in[0].dims(), 0);
        return reduce_window_list(
            [](const Tensors& t) -> Tensors {
                const Tensor keeps = greater_equal(t[0], t[2]);
                return {select(keeps, t[0], t[2]), select(keeps, t[1], t[3])};
            },
            {in[0], index}, {lowest(DataType::FLOAT64), zeros({}, DataType::INT32)}, {.sizes = {3}});
    };
    const HostArray x = HostArray::of<double>({5}, std::vector<double>{1, 5, 2, 7, 3});
    const auto found = test::run(argmax_of_windows, {x});
    EXPECT_EQ(found[1], HostArray::of<std::int32_t>({3}, std::vector<std::int32_t>{1, 3, 3}));
    test::expect_mapped(argmax_of_windows, {x});
}

TEST(Windows, SamePaddingIsXlas) {
    const auto [low, high] = same_padding({5, 6, 7}, {.sizes = {2, 3, 2}, .strides = {2, 1, 3}});
    EXPECT_EQ(low, (Dims{0, 1, 0}));
    EXPECT_EQ(high, (Dims{1, 1, 1}));
}

TEST(Windows, SaysWhatDoesNotFit) {
    const Tensor x = zeros({4, 4});
    expect_error(Code::SHAPE_MISMATCH, "f32[4,4] has 2 dimensions, 1 members of the window were given",
                 [&] { reduce_window(add, x, 0, {.sizes = {2}}); });
    expect_error(Code::SHAPE_MISMATCH, "reduce_window: sizes, strides and dilations are at least 1, got [0,1]", [&] {
        reduce_window(add, x, 0, {.sizes = {0, 1}});
    });
    expect_error(Code::UNIMPLEMENTED, "reduce_window: sums, and maxima and minima", [&] {
        test::run(test::gradient_of(
                      [](const Tensors& in) { return Tensors{reduce_window(multiply, in[0], 1, {.sizes = {2}})}; }),
                  {f64({4})});
    });
    expect_error(Code::SHAPE_MISMATCH, "select_and_scatter: f32[4,4] has [3,3] windows, the source is f32[2]", [&] {
        select_and_scatter(greater_equal, x, zeros({2}), {.sizes = {2, 2}});
    });
    expect_error(Code::INVALID_ARGUMENT, "select_and_scatter: add does not compare", [&] {
        select_and_scatter(add, x, x, {.sizes = {1, 1}});
    });
}

}  // namespace
}  // namespace podium
