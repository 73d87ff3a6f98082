#include "podium/ir/linear_algebra.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

/// Positive definite matrices made of any: x xᵀ + 3.
Tensor definite(const Tensor& x) { return matmul(x, adjoint(x)) + eye(x.dim(-1), x.type()) * 3.0; }

TEST(LinearAlgebra, ExamplesAreJaxs) {
    const std::string definite_text = "(lambda a: a @ a.conj().swapaxes(-1, -2) + 3 * jnp.eye(a.shape[-1]))";
    const auto solve = [](const TriangularSolveOptions& options) {
        return [=](const Tensors& in) {
            return Tensors{triangular_solve(in[0] + eye(in[0].dim(-1), in[0].type()) * 4.0, in[1], options)};
        };
    };
    test::expect_examples({
        {"jnp.linalg.cholesky((lambda a: a @ a.swapaxes(-1, -2) + 3 * jnp.eye(3, dtype=a.dtype))(x[0]))",
         [](const Tensors& in) { return Tensors{cholesky(definite(in[0]))}; },
         {f64({2, 3, 3})}},
        {"jnp.linalg.cholesky((lambda a: a @ a.swapaxes(-1, -2) + 3 * jnp.eye(3, dtype=a.dtype))(x[0]), upper=True)",
         [](const Tensors& in) { return Tensors{cholesky(definite(in[0]), false)}; },
         {f64({3, 3})}},
        {"lax.linalg.triangular_solve(x[0] + 4 * jnp.eye(3), x[1], left_side=True, lower=True)",
         solve({}),
         {f64({3, 3}), f64({3, 2}, 2)}},
        {"lax.linalg.triangular_solve(x[0] + 4 * jnp.eye(3), x[1], left_side=False, lower=True)",
         solve({.left_side = false}),
         {f64({2, 3, 3}), f64({2, 4, 3}, 2)}},
        {"lax.linalg.triangular_solve(x[0] + 4 * jnp.eye(3), x[1], left_side=True, lower=False, transpose_a=True)",
         solve({.lower = false, .transpose = Transpose::TRANSPOSE}),
         {f64({3, 3}), f64({3, 2}, 2)}},
        {"lax.linalg.triangular_solve(x[0] + 4 * jnp.eye(3), x[1], left_side=False, lower=False, unit_diagonal=True)",
         solve({.left_side = false, .lower = false, .unit_diagonal = true}),
         {f64({3, 3}), f64({2, 3}, 2)}},
        {"lax.linalg.triangular_solve(x[0] + 4 * jnp.eye(3), x[1], left_side=False, lower=True, transpose_a=True)",
         solve({.left_side = false, .transpose = Transpose::TRANSPOSE}),
         {f64({3, 3}), f64({2, 3}, 2)}},
        {"jnp.tril(x[0], -1)", [](const Tensors& in) { return Tensors{triangle(in[0], false, -1)}; }, {f64({2, 3, 4})}},
        {"jnp.triu(x[0], 1)", [](const Tensors& in) { return Tensors{triangle(in[0], true, 1)}; }, {f64({3, 4})}},
        {"jnp.abs(jnp.fft.rfft(x[0])) ** 2",
         [](const Tensors& in) { return Tensors{square(abs(fft(in[0], FftType::RFFT, {6})))}; },
         {f64({2, 6})}},
        {"jnp.real(jnp.fft.fft2(lax.complex(x[0], x[1])))",
         [](const Tensors& in) {
             return Tensors{real(fft(complex(in[0], in[1]), FftType::FFT, {3, 5}))};
         },
         {f64({3, 5}), f64({3, 5}, 2)}},
        {"jnp.imag(jnp.fft.ifft(lax.complex(x[0], x[1])))",
         [](const Tensors& in) { return Tensors{imag(fft(complex(in[0], in[1]), FftType::IFFT, {5}))}; },
         {f64({3, 5}), f64({3, 5}, 2)}},
        {"jnp.fft.irfftn(lax.complex(x[0], x[1]), (3, 6))",
         [](const Tensors& in) {
             return Tensors{fft(complex(in[0], in[1]), FftType::IRFFT, {3, 6})};
         },
         {f64({2, 3, 4}), f64({2, 3, 4}, 2)}},
        {"jnp.fft.irfft(lax.complex(x[0], x[1]), 5)",
         [](const Tensors& in) { return Tensors{fft(complex(in[0], in[1]), FftType::IRFFT, {5})}; },
         {f64({3}), f64({3}, 2)}},
        {"jnp.imag(jnp.fft.rfftn(x[0]))",
         [](const Tensors& in) {
             return Tensors{imag(fft(in[0], FftType::RFFT, {2, 3, 4}))};
         },
         {f64({2, 3, 4})}},
    });
}

TEST(LinearAlgebra, ComplexValuesAndGradientsAreJaxs) {
    test::Oracle oracle;
    const auto c128 = [](Dims dims, std::uint64_t seed) {
        return test::sample(Shape(DataType::COMPLEX128, std::move(dims)), -2, 2, seed);
    };
    struct Row {
        std::string jax;
        TensorFunction call;
        std::vector<HostArray> inputs;
    };
    const Row rows[] = {
        {"jnp.linalg.cholesky(a[0] @ a[0].conj().T + 3 * jnp.eye(3))",
         [](const Tensors& in) { return Tensors{cholesky(definite(in[0]))}; },
         {c128({3, 3}, 1)}},
        {"lax.linalg.triangular_solve(a[0] + 4 * jnp.eye(3), a[1], left_side=True, lower=True, transpose_a=True, "
         "conjugate_a=True)",
         [](const Tensors& in) {
             return Tensors{
                 triangular_solve(in[0] + eye(3, in[0].type()) * 4.0, in[1], {.transpose = Transpose::ADJOINT})};
         },
         {c128({3, 3}, 1), c128({3, 2}, 2)}},
        {"jnp.fft.fftn(a[0])",
         [](const Tensors& in) {
             return Tensors{fft(in[0], FftType::FFT, {2, 3, 4})};
         },
         {c128({2, 3, 4}, 1)}},
    };
    for (const auto& row : rows) {
        const auto shape = test::run(row.call, row.inputs)[0].shape();
        std::vector<HostArray> inputs = row.inputs;
        inputs.push_back(c128(shape.dims, 9));
        oracle.expect("(lambda *a: " + row.jax + ")(*x[:-1])", inputs, test::run(row.call, row.inputs)[0], 1e-12);
        const auto gradients = test::run(
            [&](const Tensors& in) {
                const Tensors operands(in.begin(), in.end() - 1);
                return pullback(row.call(operands), {in.back()}, operands).gradients;
            },
            inputs);
        for (std::size_t i = 0; i < gradients.size(); ++i)
            oracle.expect("jax.vjp(lambda *a: " + row.jax + ", *x[:-1])[1](x[-1])[" + std::to_string(i) + "]", inputs,
                          gradients[i], 1e-12);
    }
    oracle.check();
}

TEST(LinearAlgebra, WhatIsNotPositiveDefiniteGivesNan) {
    const HostArray x = HostArray::of<double>({2, 2}, std::vector<double>{1, 2, 2, 1});
    const auto found = test::run([](const Tensors& in) { return Tensors{cholesky(in[0])}; }, {x})[0];
    for (std::int64_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(found.as_double(i)));
}

TEST(LinearAlgebra, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "cholesky: f32[2,3] has no square matrices", [] { cholesky(zeros({2, 3})); });
    expect_error(Code::DTYPE_MISMATCH, "cholesky: takes floating-point and complex numbers, got i32[2,2]", [] {
        cholesky(zeros({2, 2}, DataType::INT32));
    });
    expect_error(Code::SHAPE_MISMATCH, "triangular_solve: f32[3,3] does not go with f32[2,3] on its right", [] {
        triangular_solve(zeros({3, 3}), zeros({2, 3}));
    });
    expect_error(Code::DTYPE_MISMATCH, "fft: FFT takes complex numbers, got f32[4]",
                 [] { fft(zeros({4}), FftType::FFT, {4}); });
    expect_error(Code::SHAPE_MISMATCH, "fft: IRFFT of length [6] takes [..., 4], got c64[3]",
                 [] { fft(zeros({3}, DataType::COMPLEX64), FftType::IRFFT, {6}); });
    expect_error(Code::SHAPE_MISMATCH, "fft: the length [] is not", [] { fft(zeros({4}), FftType::RFFT, {}); });
}

}  // namespace
}  // namespace podium
