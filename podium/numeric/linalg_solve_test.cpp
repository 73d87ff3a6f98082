#include "podium/numeric/linalg_solve.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::linalg {
namespace {

using test::f64;

TensorFunction with(Tensor (*f)(const Tensors&)) {
    return [=](const Tensors& in) { return Tensors{f(in)}; };
}

/// Returns matrices that are far from singular.
Tensor regular(const Tensor& x) { return x + eye(x.dim(-1), x.type()) * 4.0; }

TEST(LinalgSolve, ExamplesAreJaxs) {
    using In = const Tensors&;
    test::expect_examples(
        {
            {"jnp.linalg.solve(x[0], x[1])",
             with([](In in) { return solve(in[0], in[1]); }),
             {f64({3, 3}), f64({3}, 2)}},
            {"jnp.linalg.solve(x[0], x[1])",
             with([](In in) { return solve(in[0], in[1]); }),
             {f64({3, 3}), f64({2, 3, 2}, 2)}},
            {"jnp.linalg.solve(x[0], jnp.broadcast_to(x[1], (2, 2)))",
             with([](In in) {
                 return solve(in[0], broadcast_to(in[1], {2, 2}));
             }),
             {f64({2, 2, 2}), f64({2, 2}, 2)}},
            {"jnp.linalg.inv(x[0] + 4 * jnp.eye(3, dtype=x[0].dtype))",
             with([](In in) { return inverse(regular(in[0])); }),
             {f64({2, 3, 3})}},
            {"jnp.linalg.inv(x[0])", with([](In in) { return inverse(in[0]); }), {f64({1, 1})}},
            {"jax.scipy.linalg.cho_solve((x[0] + 4 * jnp.eye(3, dtype=x[0].dtype), True), x[1])",
             with([](In in) { return cholesky_solve(regular(in[0]), in[1]); }),
             {f64({3, 3}), f64({3}, 2)}},
            {"jax.scipy.linalg.cho_solve((x[0] + 4 * jnp.eye(3, dtype=x[0].dtype), False), x[1])",
             with([](In in) { return cholesky_solve(regular(in[0]), in[1], false); }),
             {f64({3, 3}), f64({3, 2}, 2)}},
            {"jnp.linalg.det(x[0])", with([](In in) { return det(in[0]); }), {f64({2, 3, 3})}},
            {"jnp.linalg.det(x[0])", with([](In in) { return det(in[0]); }), {f64({4, 4}, 5)}},
            {"jnp.linalg.det(x[0])", with([](In in) { return det(in[0]); }), {f64({1, 1})}},
            {"jnp.linalg.slogdet(x[0])[1]", with([](In in) { return slogdet(in[0]).magnitude; }), {f64({2, 3, 3})}},
            {"jnp.linalg.pinv(x[0])", with([](In in) { return pinv(in[0]); }), {f64({2, 3, 2})}},
            {"jnp.linalg.pinv(x[0])", with([](In in) { return pinv(in[0]); }), {f64({2, 3})}},
            {"jnp.linalg.pinv(x[0]) @ x[1]",
             with([](In in) { return lstsq(in[0], in[1]).solution; }),
             {f64({4, 2}), f64({4}, 2)}},
            {"((x[0] @ jnp.linalg.pinv(x[0]) @ x[1] - x[1]) ** 2).sum(0)",
             with([](In in) { return lstsq(in[0], in[1]).residuals; }),
             {f64({4, 2}), f64({4, 3}, 2)}},
            {"jnp.linalg.matrix_power(x[0], 5)", with([](In in) { return matrix_power(in[0], 5); }), {f64({2, 2, 2})}},
            {"jnp.linalg.matrix_power(x[0], 0) * x[0]",
             with([](In in) { return matrix_power(in[0], 0) * in[0]; }),
             {f64({2, 2})}},
            {"jnp.linalg.matrix_power(x[0], -2)", with([](In in) { return matrix_power(in[0], -2); }), {f64({2, 2})}},
            {"jax.scipy.linalg.expm(x[0])",
             with([](In in) { return expm(in[0]); }),
             {test::sample({DataType::FLOAT64, {2, 2}}, -5, 5)}},
        },
        {.tolerance = 1e-5}, 1e-10);
}

TEST(LinalgSolve, ComplexValuesAndGradientsAreJaxs) {
    test::Oracle oracle;
    const auto c128 = [](Dims dims, std::uint64_t seed) {
        return test::sample(Shape(DataType::COMPLEX128, std::move(dims)), -2, 2, seed);
    };
    const auto compare = [&](const std::string& jax, const TensorFunction& call, std::vector<HostArray> inputs) {
        const auto value = test::run(call, inputs)[0];
        inputs.push_back(test::sample(value.shape(), -2, 2, 9));
        oracle.expect("(lambda *a: " + jax + ")(*x[:-1])", inputs, value, 1e-11);
        const auto gradients = test::run(
            [&](const Tensors& in) {
                const Tensors operands(in.begin(), in.end() - 1);
                return pullback(call(operands), {in.back()}, operands).gradients;
            },
            inputs);
        for (std::size_t i = 0; i < gradients.size(); ++i)
            oracle.expect("jax.vjp(lambda *a: " + jax + ", *x[:-1])[1](x[-1])[" + std::to_string(i) + "]", inputs,
                          gradients[i], 1e-11);
    };
    using In = const Tensors&;
    compare("jnp.linalg.solve(a[0], a[1])", with([](In in) { return solve(in[0], in[1]); }),
            {c128({3, 3}, 1), c128({3, 2}, 2)});
    compare("jnp.linalg.det(a[0])", with([](In in) { return det(in[0]); }), {c128({3, 3}, 1)});
    compare("jnp.linalg.slogdet(a[0])[0]", with([](In in) { return slogdet(in[0]).sign; }), {c128({3, 3}, 1)});
    compare("jnp.linalg.slogdet(a[0])[1]", with([](In in) { return slogdet(in[0]).magnitude; }), {c128({3, 3}, 1)});
    compare("jnp.linalg.pinv(a[0])", with([](In in) { return pinv(in[0]); }), {c128({3, 2}, 1)});
    // Singular matrices of rank n - 1.
    const HostArray singular = HostArray::of<double>({3, 3}, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9});
    compare("jnp.linalg.det(a[0])", with([](In in) { return det(in[0]); }), {singular});
    for (const auto& a : {singular, f64({2, 3, 4}), HostArray({DataType::FLOAT64, {2, 2}})})
        oracle.expect("jnp.linalg.pinv(x[0])", {a}, test::run(with([](In in) { return pinv(in[0]); }), {a})[0], 1e-10);
    oracle.expect(
        "jnp.linalg.slogdet(x[0])[1]", {HostArray({DataType::FLOAT64, {2, 2}})},
        test::run(with([](In in) { return slogdet(in[0]).magnitude; }), {HostArray({DataType::FLOAT64, {2, 2}})})[0]);
    oracle.check();
}

TEST(LinalgSolve, LeastSquaresOfLowRankHaveTheLeastNorm) {
    const HostArray a = HostArray::of<double>({3, 2}, std::vector<double>{1, 2, 2, 4, 3, 6});
    const auto found = test::run(
        [](const Tensors& in) -> Tensors {
            const LeastSquares all = lstsq(in[0], in[1]);
            return {all.solution, matmul(pinv(in[0]), in[1]), all.rank};
        },
        {a, f64({3}, 2)});
    EXPECT_EQ(test::difference(found[0], found[1], 1e-13), "");
    EXPECT_EQ(found[2], HostArray::of<std::int32_t>({}, {1}));
}

TEST(LinalgSolve, ExponentialsOfOppositesAreInverses) {
    for (const auto type : {DataType::FLOAT32, DataType::COMPLEX128}) {
        const auto found = test::run(
            [](const Tensors& in) -> Tensors {
                return {matmul(expm(in[0]), expm(negate(in[0]))), eye(2, in[0].type())};
            },
            {test::sample({type, {2, 2}}, -1, 1)});
        EXPECT_EQ(test::difference(found[0], found[1], type == DataType::FLOAT32 ? 1e-5 : 1e-13), "");
    }
}

TEST(LinalgSolve, SecondDerivativesMatchCentralDifferences) {
    const test::GradientCheck check{.step = 1e-5, .tolerance = 1e-5};
    test::expect_gradient(test::gradient_of(with([](const Tensors& in) { return solve(regular(in[0]), in[1]); })),
                          {f64({2, 2}), f64({2, 1}, 2)}, check);
    test::expect_gradient(test::gradient_of(with([](const Tensors& in) { return det(in[0]); })), {f64({3, 3})}, check);
}

TEST(LinalgSolve, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "solve: f32[2,3] has no square matrices", [] {
        solve(zeros({2, 3}), zeros({2}));
    });
    expect_error(Code::SHAPE_MISMATCH, "solve: f32[2,2] does not go with f32[3]; a right side has 2 rows", [] {
        solve(zeros({2, 2}), zeros({3}));
    });
    expect_error(Code::SHAPE_MISMATCH, "the leading dimensions of f32[2,2,2] and f32[3,2,1] do not broadcast", [] {
        solve(zeros({2, 2, 2}), zeros({3, 2, 1}));
    });
    expect_error(Code::DTYPE_MISMATCH, "solve: data types differ: f32[2,2] and f64[2]", [] {
        solve(zeros({2, 2}), zeros({2}, DataType::FLOAT64));
    });
}

}  // namespace
}  // namespace podium::linalg
