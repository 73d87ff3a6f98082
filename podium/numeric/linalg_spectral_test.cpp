#include "podium/numeric/linalg_spectral.h"

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

HostArray complex_sample(Dims dims, std::uint64_t seed = 1) {
    return test::sample(Shape(DataType::COMPLEX128, std::move(dims)), -2, 2, seed);
}

/// Expects that two arrays agree, for matrices of `type`.
void expect_near(const HostArray& found, const HostArray& expected, DataType type) {
    EXPECT_EQ(test::difference(found, expected, 40 * epsilon(type)), "") << to_string(expected.shape());
}

/// Returns matrices of any kind and, of them, one of rank 1, one of zeros, and one with equal singular values.
std::vector<HostArray> matrices(const Dims& dims) {
    HostArray rank_one = f64(dims), same(Shape(DataType::FLOAT64, dims));
    const auto n = dims.back();
    for (std::int64_t i = 0; i < rank_one.count(); ++i) {
        store(rank_one, i, static_cast<double>((i / n % dims[dims.size() - 2] + 1) * (i % n + 2)));
        store(same, i, i / n % dims[dims.size() - 2] == i % n ? 2.0 : 0.0);
    }
    return {f64(dims, 3), test::sample({DataType::FLOAT32, dims}),   complex_sample(dims),
            rank_one,     HostArray(Shape(DataType::FLOAT64, dims)), same};
}

Tensor identity_like(const Tensor& x) { return broadcast_to(eye(x.dim(-1), x.type()), x.dims()); }

TEST(LinalgSpectral, EigenvectorsMakeTheMatrixDiagonal) {
    for (const Dims& dims : {Dims{1, 1}, Dims{2, 2}, Dims{2, 3, 3}, Dims{4, 4}, Dims{5, 5}})
        for (const auto& a : matrices(dims)) {
            const auto found = test::run(
                [](const Tensors& in) -> Tensors {
                    const Tensor whole = (in[0] + adjoint(in[0])) * 0.5;
                    const auto [values, vectors] = eigh(in[0]);
                    const Tensor inner = matmul(adjoint(vectors), vectors);
                    return {matmul(vectors * expand_dims(convert(values, whole.type()), -2), adjoint(vectors)),
                            whole,
                            inner,
                            identity_like(inner),
                            values,
                            sort(values)};
                },
                {a});
            for (const std::size_t i : {0, 2, 4}) expect_near(found[i], found[i + 1], a.type());
        }
}

TEST(LinalgSpectral, SingularVectorsMultiplyToTheMatrix) {
    for (const Dims& dims : {Dims{1, 1}, Dims{3, 1}, Dims{1, 2}, Dims{2, 3, 3}, Dims{5, 3}, Dims{2, 4}})
        for (const auto& a : matrices(dims))
            for (const bool full : {false, true}) {
                const auto found = test::run(
                    [&](const Tensors& in) -> Tensors {
                        const auto [u, s, vh] = svd(in[0], full);
                        const auto k = s.dim(-1);
                        const Tensor rows = slice_axis(vh, vh.rank() - 2, 0, k);
                        const Tensor by_u = matmul(adjoint(u), u), by_v = matmul(vh, adjoint(vh));
                        return {matmul(columns(u, 0, k) * expand_dims(convert(s, u.type()), -2), rows),
                                in[0],
                                by_u,
                                identity_like(by_u),
                                by_v,
                                identity_like(by_v),
                                s,
                                sort(abs(s), -1, true)};
                    },
                    {a});
                for (const std::size_t i : {0, 2, 4, 6}) expect_near(found[i], found[i + 1], a.type());
                EXPECT_EQ(found[2].shape().dims.back(),
                          full ? dims[dims.size() - 2] : std::min(dims.back(), dims[dims.size() - 2]));
            }
}

TEST(LinalgSpectral, ValuesAndGradientsAreJaxs) {
    // What depends on no sign: the squares of the vectors.
    const auto eigh_squares = [](const Tensors& in) -> Tensors {
        const auto [values, vectors] = eigh(in[0]);
        return {square(vectors) * expand_dims(values, -1)};
    };
    const auto svd_squares = [](const Tensors& in) -> Tensors {
        const auto [u, s, vh] = svd(in[0], false);
        return {matmul(square(u), square(vh)) * sum(s)};
    };
    const char* svd_text = "(lambda u, s, vh: (u ** 2) @ (vh ** 2) * s.sum())(*jnp.linalg.svd(x[0], False))";
    test::expect_examples(
        {
            {"jnp.linalg.eigh(x[0])[0]",
             [](const Tensors& in) -> Tensors { return {eigh(in[0]).values}; },
             {f64({2, 3, 3})}},
            {"(lambda w, v: v ** 2 * w[:, None])(*jnp.linalg.eigh(x[0]))", eigh_squares, {f64({3, 3})}},
            {"jnp.linalg.svd(x[0], compute_uv=False)",
             [](const Tensors& in) -> Tensors { return {singular_values(in[0])}; },
             {f64({2, 3, 2})}},
            {svd_text, svd_squares, {f64({3, 3})}},
            {svd_text, svd_squares, {f64({4, 2})}},
            {svd_text, svd_squares, {f64({2, 3})}},
            {"(lambda u: u[:, 1:] @ u[:, 1:].T)(jnp.linalg.svd(x[0])[0])",
             [](const Tensors& in) -> Tensors {
                 const Tensor rest = columns(svd(in[0]).u, 1, 2);
                 return {matmul(rest, adjoint(rest))};
             },
             {f64({3, 1})}},
            {"(lambda v: v[1:].T @ v[1:])(jnp.linalg.svd(x[0])[2])",
             [](const Tensors& in) -> Tensors {
                 const Tensor rest = slice_axis(svd(in[0]).vh, 0, 1, 3);
                 return {matmul(adjoint(rest), rest)};
             },
             {f64({1, 3})}},
        },
        {}, 1e-11);
}

TEST(LinalgSpectral, ComplexValuesAndGradientsAreJaxs) {
    test::Oracle oracle;
    const auto compare = [&](const std::string& jax, const TensorFunction& call, const HostArray& a) {
        const auto value = test::run(call, {a})[0];
        oracle.expect("(lambda a: " + jax + ")(x[0])", {a}, value, 1e-11);
        const std::vector inputs{a, test::sample(value.shape(), -2, 2, 9)};
        oracle.expect(
            "jax.vjp(lambda a: " + jax + ", x[0])[1](x[1])[0]", inputs,
            test::run([&](const Tensors& in) -> Tensors { return pullback(call({in[0]}), {in[1]}, {in[0]}).gradients; },
                      inputs)[0],
            1e-11);
    };
    compare(
        "jnp.linalg.eigh(a)[0]", [](const Tensors& in) -> Tensors { return {eigh(in[0]).values}; },
        complex_sample({3, 3}));
    compare(
        "jnp.abs(jnp.linalg.eigh(a)[1]) ** 2",
        [](const Tensors& in) -> Tensors { return {squared_magnitude(eigh(in[0]).vectors)}; }, complex_sample({3, 3}));
    compare(
        "jnp.linalg.svd(a, False)[1]", [](const Tensors& in) -> Tensors { return {svd(in[0], false).s}; },
        complex_sample({2, 3}));
    compare(
        "(lambda u, s, vh: u @ vh)(*jnp.linalg.svd(a, False))",
        [](const Tensors& in) -> Tensors {
            const auto [u, s, vh] = svd(in[0], false);
            return {matmul(u, vh)};
        },
        complex_sample({3, 2}));
    oracle.check();
}

TEST(LinalgSpectral, SecondDerivativesMatchCentralDifferences) {
    const test::GradientCheck check{.step = 1e-5, .tolerance = 1e-5};
    test::expect_gradient(test::gradient_of([](const Tensors& in) -> Tensors { return {square(eigh(in[0]).vectors)}; }),
                          {f64({2, 2})}, check);
    test::expect_gradient(
        test::gradient_of([](const Tensors& in) -> Tensors { return {square(singular_values(in[0]))}; }), {f64({2, 2})},
        check);
}

TEST(LinalgSpectral, EqualValuesHaveFiniteGradients) {
    for (const bool singular : {false, true}) {
        const auto trace = [&](const Tensors& in) -> Tensors {
            if (singular) return {singular_values(in[0])};
            const auto [values, vectors] = eigh(in[0]);
            return {matmul(vectors * expand_dims(exp(values), -2), adjoint(vectors))};
        };
        const auto gradient = test::run(test::gradient_of(trace), {matrices({3, 3}).back()})[0];
        for (std::int64_t i = 0; i < gradient.count(); ++i) EXPECT_TRUE(std::isfinite(gradient.as_double(i)));
    }
}

TEST(LinalgSpectral, NansEndTheLoops) {
    HostArray a = f64({3, 3});
    store(a, 4, std::nan(""));
    const auto found = test::run(
        [](const Tensors& in) -> Tensors {
            return {eigh(in[0]).values, singular_values(in[0])};
        },
        {a});
    for (const auto& values : found)
        for (std::int64_t i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(values.as_double(i)));
}

TEST(LinalgSpectral, SaysWhatDoesNotFit) {
    expect_error(Code::SHAPE_MISMATCH, "eigh: f32[2,3] has no square matrices", [] { eigh(zeros({2, 3})); });
    expect_error(Code::SHAPE_MISMATCH, "svd: f32[3] has no matrices", [] { svd(zeros({3})); });
}

}  // namespace
}  // namespace podium::linalg
