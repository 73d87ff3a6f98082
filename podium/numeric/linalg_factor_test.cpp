#include "podium/numeric/linalg_factor.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/numeric/matrices.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium::linalg {
namespace {

using test::f64;

HostArray c128(Dims dims, std::uint64_t seed = 1) {
    return test::sample(Shape(DataType::COMPLEX128, std::move(dims)), -2, 2, seed);
}

/// Returns the largest |x - y|, 0 where there are none.
double farthest(const HostArray& x, const HostArray& y) {
    EXPECT_EQ(x.shape(), y.shape());
    double most = 0;
    for (std::int64_t i = 0; i < x.count(); ++i) most = std::max(most, std::abs(x.as_complex(i) - y.as_complex(i)));
    return most;
}

TEST(LinalgFactor, QAndRMultiplyToTheMatrixAndQIsOrthonormal) {
    for (const auto& a : {f64({2, 4, 3}), f64({3, 3}), f64({3, 5}), f64({1, 1}), f64({4, 1}), f64({0, 3, 2}),
                          c128({3, 3}), c128({4, 2}), c128({1, 1}), c128({2, 3}),
                          test::sample({DataType::FLOAT32, {4, 3}}), HostArray({DataType::FLOAT64, {3, 2}})})
        for (const bool complete : {false, true}) {
            const auto found = test::run(
                [&](const Tensors& in) -> Tensors {
                    const Qr factors = qr(in[0], complete);
                    const Tensor identity = broadcast_to(eye(factors.q.dim(-1), factors.q.type()),
                                                         matmul(adjoint(factors.q), factors.q).dims());
                    return {matmul(factors.q, factors.r), matmul(adjoint(factors.q), factors.q), identity, factors.r,
                            triangle(factors.r, true)};
                },
                {a});
            const double tolerance = is_complex(a.type()) || a.type() == DataType::FLOAT64 ? 1e-14 : 2e-6;
            EXPECT_LT(farthest(found[0], a), tolerance);
            EXPECT_LT(farthest(found[1], found[2]), tolerance);
            EXPECT_EQ(farthest(found[3], found[4]), 0);
        }
}

TEST(LinalgFactor, SizesOfElementsDoNotMatterToQr) {
    for (const double size : {1e-30, 1e30}) {
        HostArray a({DataType::FLOAT32, {2, 2}});
        for (std::int64_t i = 0; i < 4; ++i) store(a, i, size * static_cast<double>(i * i + 1));
        const auto product = test::run(
            [](const Tensors& in) -> Tensors {
                const Qr factors = qr(in[0]);
                return {matmul(factors.q, factors.r)};
            },
            {a})[0];
        EXPECT_LT(farthest(product, a), 1e-5 * size);
    }
}

/// |q| and |r|, which do not depend on signs.
TensorFunction magnitudes(bool complete = false) {
    return [=](const Tensors& in) -> Tensors {
        const Qr factors = qr(in[0], complete);
        return {square(factors.r), square(factors.q)};
    };
}

TEST(LinalgFactor, LuIsJaxsAndSoIsQrButForSigns) {
    const auto factors = [](const Tensors& in) -> Tensors { return {lu(in[0]).lu}; };
    test::expect_examples({
        {"lax.linalg.lu(x[0])[0]", factors, {f64({2, 3, 3})}},
        {"lax.linalg.lu(x[0])[0]", factors, {f64({4, 2})}},
        {"lax.linalg.lu(x[0])[0]", factors, {f64({2, 4})}},
        {"lax.linalg.lu(x[0])[0]", factors, {f64({1, 1})}},
        {"jnp.linalg.qr(x[0])[1] ** 2", magnitudes(), {f64({3, 3})}},
        {"jnp.linalg.qr(x[0])[1] ** 2", magnitudes(), {f64({2, 4, 2})}},
        {"jnp.linalg.qr(x[0])[1] ** 2", magnitudes(), {f64({2, 3})}},
        {"jnp.linalg.qr(x[0])[0] ** 2", [](const Tensors& in) { return Tensors{square(qr(in[0]).q)}; }, {f64({4, 2})}},
        {"(lambda q: q[:, 2:] @ q[:, 2:].T)(jnp.linalg.qr(x[0], mode='complete')[0])",
         [](const Tensors& in) {
             const Tensor rest = slice_axis(qr(in[0], true).q, 1, 2, 4);
             return Tensors{matmul(rest, adjoint(rest))};
         },
         {f64({4, 2})}},
    });
}

TEST(LinalgFactor, SecondDerivativesMatchCentralDifferences) {
    const test::GradientCheck check{.step = 1e-5, .tolerance = 1e-5};
    test::expect_gradient(test::gradient_of(magnitudes()), {f64({3, 2})}, check);
    test::expect_gradient(test::gradient_of([](const Tensors& in) -> Tensors { return {lu(in[0]).lu}; }), {f64({2, 2})},
                          check);
}

TEST(LinalgFactor, ThirdDerivativesGoThroughTheLoops) {
    const auto second =
        test::gradient_of(test::gradient_of([](const Tensors& in) -> Tensors { return {square(lu(in[0]).lu)}; }));
    test::expect_gradient(second, {f64({2, 2})}, {.step = 1e-5, .tolerance = 1e-4});
}

TEST(LinalgFactor, PivotsAndComplexGradientsAreJaxs) {
    test::Oracle oracle;
    for (const auto& a : {f64({2, 3, 3}), c128({3, 3}), f64({5, 4}, 8)}) {
        const auto found = test::run(
            [](const Tensors& in) -> Tensors {
                const Lu all = lu(in[0]);
                return {all.lu, all.pivots, all.permutation};
            },
            {a});
        for (std::size_t i = 0; i < 3; ++i)
            oracle.expect("lax.linalg.lu(x[0])[" + std::to_string(i) + "]", {a}, found[i]);
    }
    const auto compare = [&](const std::string& jax, const TensorFunction& call, const HostArray& a) {
        const auto shape = test::run(call, {a})[0].shape();
        const std::vector inputs{a, test::sample(shape, -2, 2, 9)};
        oracle.expect(
            "jax.vjp(lambda a: " + jax + ", x[0])[1](x[1])[0]", inputs,
            test::run([&](const Tensors& in) -> Tensors { return pullback(call({in[0]}), {in[1]}, {in[0]}).gradients; },
                      inputs)[0],
            1e-12);
    };
    compare(
        "lax.linalg.lu(a)[0]", [](const Tensors& in) -> Tensors { return {lu(in[0]).lu}; }, c128({3, 3}));
    compare(
        "jnp.abs(jnp.linalg.qr(a)[0]) ** 2",
        [](const Tensors& in) -> Tensors { return {squared_magnitude(qr(in[0]).q)}; }, c128({3, 2}));
    compare(
        "jnp.abs(jnp.linalg.qr(a)[1]) ** 2",
        [](const Tensors& in) -> Tensors { return {squared_magnitude(qr(in[0]).r)}; }, c128({3, 2}));
    oracle.check();
}

TEST(LinalgFactor, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "qr: f32[3] has no matrices", [] { qr(zeros({3})); });
    expect_error(Code::DTYPE_MISMATCH, "lu: takes floating-point and complex numbers, got i32[2,2]", [] {
        lu(zeros({2, 2}, DataType::INT32));
    });
}

}  // namespace
}  // namespace podium::linalg
