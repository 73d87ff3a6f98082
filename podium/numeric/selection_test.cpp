#include "podium/numeric/selection.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

const double NO_NUMBER = std::numeric_limits<double>::quiet_NaN();
const HostArray ODD = HostArray::of<double>({6}, std::vector<double>{1, NO_NUMBER, INFINITY, -INFINITY, 0, 1 + 1e-6});
const HostArray OTHER = HostArray::of<double>({6}, std::vector<double>{1, NO_NUMBER, INFINITY, INFINITY, 1e-9, 1});

TEST(Selection, ExamplesAreJaxs) {
    test::expect_examples({
        {"jnp.where(x[0] > 0, x[0], x[1])",
         [](const Tensors& in) { return Tensors{where(greater(in[0], 0), in[0], in[1])}; },
         {f64({2, 3}), f64({3}, 2)}},
        {"jnp.where(x[0], x[1], 5)",
         [](const Tensors& in) { return Tensors{where(in[0], in[1], 5)}; },
         {test::sample(Shape(DataType::INT32, {2, 1}), 0, 2), f64({3})}},
        {"jnp.clip(x[0], -0.5, x[1])",
         [](const Tensors& in) { return Tensors{clip(in[0], -0.5, in[1])}; },
         {f64({2, 4}), f64({4}, 3)}},
        {"jnp.clip(x[0], 1, x[1])",
         [](const Tensors& in) { return Tensors{clip(in[0], 1, in[1])}; },
         {f64({2, 4}), f64({4}, 3)}},
        {"jnp.where(x[0], x[0], x[1])",
         [](const Tensors& in) { return Tensors{where(in[0], in[0], in[1])}; },
         {test::sample(Shape(DataType::INT32, {2, 3}), 0, 3), test::sample(Shape(DataType::INT32, {3}), 0, 9, 2)}},
        {"jnp.nan_to_num(x[0])", [](const Tensors& in) { return Tensors{nan_to_num(in[0])}; }, {f64({3})}},
        {"jnp.isclose(x[0], x[0] + 1e-7)",
         [](const Tensors& in) { return Tensors{isclose(in[0], in[0] + 1e-7)}; },
         {f64({5})}},
        {"jnp.isclose(x[0], x[1])",
         [](const Tensors& in) { return Tensors{isclose(in[0], in[1])}; },
         {test::sample(Shape(DataType::INT32, {9}), 0, 3), test::sample(Shape(DataType::INT32, {9}), 0, 3, 2)}},
        {"jnp.isnan(x[0])", [](const Tensors& in) { return Tensors{is_nan(in[0])}; }, {f64({3})}},
    });
}

TEST(Selection, NanAndInfinitiesAreWhatTheyAreInJax) {
    test::Oracle oracle;
    const auto expect = [&](const char* jax, auto f) {
        oracle.expect(jax, {ODD, OTHER}, test::run([&](const Tensors& in) { return Tensors{f(in)}; }, {ODD, OTHER})[0]);
    };
    expect("jnp.nan_to_num(x[0])", [](const Tensors& in) { return nan_to_num(in[0]); });
    expect("jnp.nan_to_num(x[0].astype('bfloat16'))",
           [](const Tensors& in) { return nan_to_num(convert(in[0], DataType::BFLOAT16)); });
    expect("jnp.nan_to_num(x[0], nan=3, posinf=4, neginf=5)", [](const Tensors& in) {
        return nan_to_num(in[0], {.nan = 3, .positive_infinity = 4, .negative_infinity = 5});
    });
    expect("jnp.nan_to_num(lax.complex(x[0], x[1]))",
           [](const Tensors& in) { return nan_to_num(complex(in[0], in[1])); });
    expect("jnp.isclose(x[0], x[1])", [](const Tensors& in) { return isclose(in[0], in[1]); });
    expect("jnp.isclose(x[0], x[1], equal_nan=True, rtol=0, atol=1e-3)", [](const Tensors& in) {
        return isclose(in[0], in[1], {.relative = 0, .absolute = 1e-3, .equal_nan = true});
    });
    expect("jnp.isclose(x[0], jnp.inf)", [](const Tensors& in) { return isclose(in[0], INFINITY); });
    expect("jnp.allclose(x[0][4:], x[1][4:])",
           [](const Tensors& in) { return allclose(slice(in[0], {4}, {6}), slice(in[1], {4}, {6})); });
    expect("jnp.isnan(x[0])", [](const Tensors& in) { return is_nan(in[0]); });
    expect("jnp.isclose(jnp.arange(3), 1)", [](const Tensors&) { return isclose(arange(3), 1); });
    oracle.check();
}

}  // namespace
}  // namespace podium
