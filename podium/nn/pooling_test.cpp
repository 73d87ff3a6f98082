#include "podium/nn/pooling.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"

namespace podium::nn {
namespace {

using test::f64;

test::Example pooled(const char* jax, Dims dims, const std::function<Tensor(const Tensor&)>& f) {
    return {jax, [=](const Tensors& in) { return Tensors{f(in[0])}; }, {f64(std::move(dims))}};
}

TEST(Pooling, ExamplesAreJaxs) {
    test::expect_examples({
        pooled("lax.reduce_window(x[0], -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID')", {2, 4, 5, 2},
               [](const Tensor& x) {
                   return max_pool(x, {.window = {2, 2}});
               }),
        pooled("lax.reduce_window(x[0], -jnp.inf, lax.max, (1, 1, 3), (1, 1, 2), 'SAME')", {2, 2, 6},
               [](const Tensor& x) {
                   return max_pool(
                       x, {.window = {3}, .strides = {2}, .padding = Padding::SAME, .channels = Channels::FIRST});
               }),
        pooled("lax.reduce_window(x[0], 0., lax.add, (1, 3, 2, 1), (1, 2, 1, 1), ((0, 0), (1, 1), (0, 1), (0, 0))) / 6",
               {1, 4, 3, 2},
               [](const Tensor& x) {
                   return average_pool(
                       x, {.window = {3, 2}, .strides = {2, 1}, .padding = Padding::edges({1, 0}, {1, 1})});
               }),
        pooled("lax.reduce_window(x[0], 0., lax.add, (1, 3, 1), (1, 1, 1), 'SAME') / "
               "lax.reduce_window(jnp.ones_like(x[0]), 0., lax.add, (1, 3, 1), (1, 1, 1), 'SAME')",
               {2, 4, 2},
               [](const Tensor& x) {
                   return average_pool(x, {.window = {3}, .strides = {1}, .padding = Padding::SAME}, false);
               }),
        pooled("x[0].max((1, 2))", {2, 2, 3, 2}, [](const Tensor& x) { return global_max_pool(x); }),
        pooled("x[0].mean(2)", {2, 3, 4}, [](const Tensor& x) { return global_average_pool(x, Channels::FIRST); }),
    });
}

TEST(Pooling, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "max_pool: takes [batch,…,channels] with 2 dimensions between, got f32[2,3]",
                 [] {
                     max_pool(zeros({2, 3}), {.window = {2, 2}});
                 });
    expect_error(Code::SHAPE_MISMATCH, "max_pool: takes [batch,channels,…] with 1 dimensions behind, got f32[2]",
                 [] { max_pool(zeros({2}), {.window = {2}, .channels = Channels::FIRST}); });
    expect_error(Code::SHAPE_MISMATCH, "max_pool: strides [1] for a window [2,2]", [] {
        max_pool(zeros({1, 3, 3, 1}), {.window = {2, 2}, .strides = {1}});
    });
    expect_error(Code::SHAPE_MISMATCH, "max_pool: padding [1] and [1] around a window [2,2]", [] {
        max_pool(zeros({1, 3, 3, 1}), {.window = {2, 2}, .padding = Padding::edges({1}, {1})});
    });
    expect_error(Code::DTYPE_MISMATCH, "average_pool: takes floating-point numbers, got i32", [] {
        average_pool(zeros({1, 3, 1}, DataType::INT32), {.window = {2}});
    });
    expect_error(Code::SHAPE_MISMATCH, "global_max_pool: takes", [] { global_max_pool(zeros({2, 3})); });
}

}  // namespace
}  // namespace podium::nn
