#include "podium/numeric/statistics.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/numeric/counting.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

HostArray small(Dims dims, std::uint64_t seed = 1) {
    return test::sample(Shape(DataType::INT32, std::move(dims)), 0, 6, seed);
}
/// Numbers of which some are NaN, and of one row all.
HostArray holes() {
    const double none = std::numeric_limits<double>::quiet_NaN();
    return HostArray::of<double>({3, 3}, std::vector<double>{1, none, -2, none, none, none, 0.5, INFINITY, 4});
}

TEST(Statistics, ExamplesAreJaxs) {
    test::expect_examples({
        {"jnp.var(x[0])", [](const Tensors& in) { return Tensors{variance(in[0])}; }, {f64({2, 4})}},
        {"jnp.var(x[0], 0, ddof=1, keepdims=True)",
         [](const Tensors& in) { return Tensors{variance(in[0], {0}, true, 1)}; },
         {f64({3, 2})}},
        {"jnp.std(x[0], (0, 2))",
         [](const Tensors& in) {
             return Tensors{standard_deviation(in[0], {0, -1})};
         },
         {f64({2, 2, 3})}},
        {"jnp.average(x[0], 1, jnp.abs(x[1]))",
         [](const Tensors& in) { return Tensors{average(in[0], abs(in[1]), {1})}; },
         {f64({2, 4}), f64({4}, 2)}},
        {"jnp.quantile(x[0], 0.3, 1)",
         [](const Tensors& in) { return Tensors{quantile(in[0], 0.3, {1})}; },
         {f64({2, 5})}},
        {"jnp.quantile(x[0], jnp.abs(x[1]) / 2, (0, 2), keepdims=True)",
         [](const Tensors& in) {
             return Tensors{quantile(in[0], abs(in[1]) / 2.0, {0, 2}, true)};
         },
         {f64({2, 2, 3}), f64({4}, 3)}},
        {"jnp.percentile(x[0], jnp.array([0., 100., 61.]))",
         [](const Tensors& in) {
             const Tensor q = constant(HostArray::of<double>({3}, {0, 100, 61}));
             return Tensors{percentile(in[0], q)};
         },
         {f64({7})}},
        {"jnp.median(x[0], 0)", [](const Tensors& in) { return Tensors{median(in[0], {0})}; }, {f64({4, 3})}},
        {"jnp.median(x[0], keepdims=True)",
         [](const Tensors& in) { return Tensors{median(in[0], {}, true)}; },
         {f64({3, 3})}},
        {"jnp.argmin(x[0], 0).astype('i4')",
         [](const Tensors& in) { return Tensors{argmin(in[0], 0)}; },
         {small({5, 3})}},
        {"jnp.count_nonzero(x[0], 1).astype('i4')",
         [](const Tensors& in) { return Tensors{count_nonzero(in[0], {1})}; },
         {small({3, 8})}},
        {"like(jnp.nansum(x[0], 1), x[0])",
         [](const Tensors& in) { return Tensors{nansum(in[0], {1})}; },
         {f64({2, 3})}},
        {"jnp.nanmean(x[0], 1)", [](const Tensors& in) { return Tensors{nanmean(in[0], {1})}; }, {f64({2, 3})}},
        {"jnp.nanmax(x[0], 1)", [](const Tensors& in) { return Tensors{nanmax(in[0], {1})}; }, {f64({2, 3})}},
        {"jnp.nanmin(x[0], 0)", [](const Tensors& in) { return Tensors{nanmin(in[0], {0})}; }, {f64({2, 3})}},
        {"jnp.bincount(x[0], length=4).astype('i4')",
         [](const Tensors& in) { return Tensors{bincount(in[0], 4)}; },
         {small({9})}},
        {"jnp.bincount(x[0], x[1], length=7)",
         [](const Tensors& in) { return Tensors{bincount(in[0], 7, in[1])}; },
         {small({5}), f64({5})}},
        {"jnp.digitize(x[0], jnp.array([1, 2, 4])).astype('i4')",
         [](const Tensors& in) {
             return Tensors{
                 digitize(in[0], convert(constant(HostArray::of<std::int32_t>({3}, {1, 2, 4})), in[0].type()))};
         },
         {small({2, 5})}},
        {"jnp.digitize(x[0], jnp.array([1, 2, 4]), True).astype('i4')",
         [](const Tensors& in) {
             return Tensors{
                 digitize(in[0], convert(constant(HostArray::of<std::int32_t>({3}, {1, 2, 4})), in[0].type()), true)};
         },
         {small({2, 5})}},
    });
}

TEST(Statistics, NanAndEdgesAreWhatTheyAreInJax) {
    test::Oracle oracle;
    const auto expect = [&](const char* jax, const HostArray& x, auto f) {
        oracle.expect(jax, {x}, test::run([&](const Tensors& in) { return Tensors{f(in[0])}; }, {x})[0]);
    };
    expect("jnp.nansum(x[0])", holes(), [](const Tensor& x) { return nansum(x); });
    expect("jnp.nanmean(x[0], 1)", holes(), [](const Tensor& x) { return nanmean(x, {1}); });
    expect("jnp.nanmax(x[0], 1)", holes(), [](const Tensor& x) { return nanmax(x, {1}); });
    expect("jnp.nanmin(x[0], 0, keepdims=True)", holes(), [](const Tensor& x) { return nanmin(x, {0}, true); });
    expect("jnp.argmin(x[0], 1).astype('i4')", holes(), [](const Tensor& x) { return argmin(x, 1); });
    expect("jnp.median(x[0], 1)", holes(), [](const Tensor& x) { return median(x, {1}); });
    expect("jnp.nanmax(x[0])", small({4}), [](const Tensor& x) { return nanmax(x); });
    expect("jnp.var(x[0])", test::sample(Shape(DataType::COMPLEX128, {5})),
           [](const Tensor& x) { return variance(x); });
    const HostArray x = HostArray::of<double>(
        {8}, std::vector<double>{0, 1, 0.5, -1, 2, std::numeric_limits<double>::quiet_NaN(), 0.25, 0.75});
    expect("jnp.histogram(x[0], 4, (0, 1))[0].astype('i4')", x,
           [](const Tensor& t) { return histogram(t, 4, 0, 1).counts; });
    expect("jnp.histogram(x[0], 4, (0, 1))[1]", x, [](const Tensor& t) { return histogram(t, 4, 0, 1).edges; });
    expect("jnp.histogram(x[0], jnp.array([-1, 0.5, 1.5]), density=True)[0]", x, [](const Tensor& t) {
        return histogram(t, constant(HostArray::of<double>({3}, {-1, 0.5, 1.5})), {.density = true}).counts;
    });
    expect("jnp.histogram(x[0], 3, (-1, 2), weights=x[0] * 0 + 2)[0]",
           HostArray::of<double>({3}, std::vector<double>{-1, 2, 1}),
           [](const Tensor& t) { return histogram(t, 3, -1, 2, {.weights = t * 0.0 + 2.0}).counts; });
    oracle.check();
}

TEST(Statistics, SaysWhatDoesNotFit) {
    expect_error(Code::DTYPE_MISMATCH, "quantile: takes floating-point numbers, got i32[2]",
                 [] { median(zeros({2}, DataType::INT32)); });
    expect_error(Code::DTYPE_MISMATCH, "average: takes floating-point and complex numbers, got u8[2]",
                 [] { average(zeros({2}, DataType::UINT8), 1); });
    expect_error(Code::DTYPE_MISMATCH, "nanmean: takes floating-point and complex numbers, got i32[2]",
                 [] { nanmean(zeros({2}, DataType::INT32)); });
    expect_error(Code::SHAPE_MISMATCH, "quantile: takes a scalar or a vector of shares", [] {
        quantile(zeros({2}), zeros({2, 2}));
    });
    expect_error(Code::INVALID_ARGUMENT, "bincount: takes integers and a length", [] { bincount(zeros({2}), 3); });
    expect_error(Code::SHAPE_MISMATCH, "bincount: weights f32[3] do not go with i32[2]",
                 [] { bincount(zeros({2}, DataType::INT32), 3, zeros({3})); });
    expect_error(Code::INVALID_ARGUMENT, "histogram: takes 1 bin at least, got 0",
                 [] { histogram(zeros({2}), 0, 0, 1); });
    expect_error(Code::SHAPE_MISMATCH, "histogram: takes floating-point numbers and a vector of two edges",
                 [] { histogram(zeros({2}), zeros({1})); });
}

}  // namespace
}  // namespace podium
