#include "podium/ir/neural.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

constexpr const char* NORMALIZED =
    "((x[0] - x[0].mean((0, 2), keepdims=True)) / jnp.sqrt(x[0].var((0, 2), keepdims=True) + 0.0078125) * x[1][:, "
    "None] + "
    "x[2][:, None])";

TEST(BatchNorm, ExamplesAreJaxs) {
    const HostArray x = f64({4, 3, 2}), scale = f64({3}, 2), offset = f64({3}, 3),
                    variance = test::sample(Shape(DataType::FLOAT64, {3}), 0.5, 2, 4);
    test::expect_examples({
        {NORMALIZED,
         [](const Tensors& in) { return Tensors{batch_norm_training(in[0], in[1], in[2], 0.0078125, 1).output}; },
         {x, scale, offset}},
        {"x[0].mean((0, 2))",
         [](const Tensors& in) { return Tensors{batch_norm_training(in[0], in[1], in[2], 0.0078125, 1).mean}; },
         {x, scale, offset}},
        {"x[0].var((0, 2))",
         [](const Tensors& in) { return Tensors{batch_norm_training(in[0], in[1], in[2], 0.0078125, 1).variance}; },
         {x, scale, offset}},
        {"(x[0] - x[3][:, None]) / jnp.sqrt(x[4] + 0.0078125)[:, None] * x[1][:, None] + x[2][:, None]",
         [](const Tensors& in) {
             return Tensors{batch_norm_inference(in[0], in[1], in[2], in[3], in[4], 0.0078125, 1)};
         },
         {x, scale, offset, f64({3}, 5), variance}},
    });
}

TEST(BatchNorm, GradIsTheGradientOfTraining) {
    const HostArray x = f64({4, 3}), scale = f64({3}, 2), offset = f64({3}, 3), cotangent = f64({4, 3}, 4);
    const auto found = test::run(
        [](const Tensors& in) {
            const auto forward = batch_norm_training(in[0], in[1], in[2], 0.0078125, -1);
            const auto back = batch_norm_grad(in[0], in[1], forward.mean, forward.variance, in[3], 0.0078125, -1);
            return Tensors{back.x, back.scale, back.offset};
        },
        {x, scale, offset, cotangent});
    test::Oracle oracle;
    for (std::size_t i = 0; i < 3; ++i)
        oracle.expect(fmt::format("jax.vjp(lambda a, s, o: (a - a.mean(0)) / jnp.sqrt(a.var(0) + 0.0078125) * s + o, "
                                  "*x[:3])[1](x[3])[{}]",
                                  i),
                      {x, scale, offset, cotangent}, found[i], 1e-12);
    oracle.check();
    test::expect_gradient(
        [](const Tensors& in) {
            const auto back = batch_norm_grad(in[0], in[1], in[2], square(in[3]) + 0.5, in[4], 0.0078125, 1);
            return Tensors{back.x, back.scale, back.offset};
        },
        {x, scale, f64({3}, 5), f64({3}, 6), cotangent});
}

TEST(BatchNorm, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH,
                 "batch_norm_training: f32[2] is not one number for each of the 3 features of f32[4,3]", [] {
                     batch_norm_training(zeros({4, 3}), zeros({3}), zeros({2}), 0.0078125, 1);
                 });
    expect_error(Code::SHAPE_MISMATCH, "batch_norm_grad: the cotangent f32[4] is not like f32[4,3]", [] {
        batch_norm_grad(zeros({4, 3}), zeros({3}), zeros({3}), zeros({3}), zeros({4}), 0.0078125, 1);
    });
    expect_error(Code::DTYPE_MISMATCH, "batch_norm_inference: takes floating-point numbers, got i32[4,3]", [] {
        batch_norm_inference(zeros({4, 3}, DataType::INT32), zeros({3}), zeros({3}), zeros({3}), zeros({3}), 0.0078125,
                             1);
    });
}

}  // namespace
}  // namespace podium
