#include "podium/numeric/distributions.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/numeric/rejection.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

constexpr DataType F64 = DataType::FLOAT64, F32 = DataType::FLOAT32;

HostArray value_of(const Tensor& tensor) { return test::interpreted({tensor})[0]; }

/// Compares what is drawn with the key of 42, called k, with jax.random, called r.
class Draws {
public:
    const Key one = key(42);
    void expect(const std::string& jax, const Tensor& ours, double tolerance = -1,
                std::source_location place = std::source_location::current()) {
        oracle_.expect(fmt::format("(lambda k, r: {})(jax.random.PRNGKey(42), jax.random)", jax), {}, value_of(ours),
                       tolerance, place);
    }
    void check() const { oracle_.check(); }

private:
    test::Oracle oracle_;
};

TEST(Distributions, NumbersAreJaxs) {
    namespace pd = distributions;
    Draws draws;
    const Key& one = draws.one;
    draws.expect("r.randint(k, (7, 3), 0, 10, 'i4')", pd::randint(one, {7, 3}, 0, 10));
    draws.expect("r.randint(k, (9,), -5, 1 << 30, 'i4')", pd::randint(one, {9}, -5, 1 << 30));
    draws.expect("r.randint(k, (9,), -2**31, 2**31, 'i4')",
                 pd::randint(one, {9}, -(std::int64_t{1} << 31), std::int64_t{1} << 31));
    draws.expect("r.randint(k, (9,), 0, 2**31 - 1, 'u4')",
                 pd::randint(one, {9}, 0, (std::int64_t{1} << 31) - 1, DataType::UINT32));
    draws.expect("r.randint(k, (20,), 0, 256, 'u1')", pd::randint(one, {20}, 0, 256, DataType::UINT8));
    draws.expect("r.randint(k, (20,), -200, 200, 'i1')", pd::randint(one, {20}, -200, 200, DataType::INT8));
    draws.expect("r.randint(k, (9,), -7, 1 << 60, 'i8')",
                 pd::randint(one, {9}, -7, std::int64_t{1} << 60, DataType::INT64));
    draws.expect("r.randint(k, (4,), 5, 5, 'i4')", pd::randint(one, {4}, 5, 5));
    draws.expect("r.randint(k, (2, 3), jnp.arange(3, dtype='i4'), 10, 'i4')", pd::randint(one, {2, 3}, arange(3), 10));
    draws.expect("r.permutation(k, 30).astype('i4')", pd::permutation(one, 30));
    draws.expect("r.permutation(k, jnp.arange(10.) ** 2)", pd::permutation(one, square(arange(10, F64))));
    draws.expect("r.permutation(k, jnp.arange(12).reshape(3, 4), 1)",
                 pd::permutation(one, reshape(arange(12, DataType::INT64), {3, 4}), 1));
    draws.expect("r.permutation(k, jnp.arange(12).reshape(3, 4), 1, independent=True)",
                 pd::shuffle(one, reshape(arange(12, DataType::INT64), {3, 4}), 1));
    draws.expect("r.randint(k, (2, 4), 0, 9, 'i4')", pd::choice(one, 9, {2, 4}));
    draws.expect("r.choice(k, 9, (2, 2), False).astype('i4')", pd::choice(one, 9, {2, 2}, {.replace = false}));
    const Tensor shares = constant(HostArray::of<float>({4}, {0.1F, 0.2F, 0.3F, 0.4F}));
    draws.expect("r.choice(k, 4, (20,), p=jnp.array([.1, .2, .3, .4], 'f4')).astype('i4')",
                 pd::choice(one, 4, {20}, {.probabilities = shares}));
    draws.expect(
        "r.choice(k, jnp.arange(8.).reshape(2, 4), (3,), False, jnp.array([.1, .2, .3, .4], 'f4'), 1)",
        pd::choice(one, reshape(arange(8, F64), {2, 4}), {3}, {.replace = false, .probabilities = shares, .axis = 1}));
    for (const auto& [type, text] : {std::pair(F32, "f4"), std::pair(F64, "f8")}) {
        const double tolerance = type == F32 ? 1e-5 : 1e-12;
        const auto same = [&](const char* call, const Tensor& ours) {
            draws.expect(fmt::format("r.{}(k, (4, 25), '{}')", call, text), ours, tolerance);
        };
        const Dims dims{4, 25};
        same("exponential", pd::exponential(one, dims, type));
        same("laplace", pd::laplace(one, dims, type));
        same("cauchy", pd::cauchy(one, dims, type));
        same("gumbel", pd::gumbel(one, dims, type));
        same("logistic", pd::logistic(one, dims, type));
    }
    draws.expect("2 * r.bernoulli(k, np.float32(0.5), (30,)).astype('i4') - 1", pd::rademacher(one, {30}));
    draws.expect("r.geometric(k, np.float32(0.3), (30,), 'i4')", pd::geometric(one, {30}, 0.3));
    draws.expect("r.geometric(k, jnp.array([[.1], [.9]]), (2, 9), 'i4')",
                 pd::geometric(one, {2, 9}, constant(HostArray::of<double>({2, 1}, {0.1, 0.9}))));
    const Tensor mean = constant(HostArray::of<double>({2}, {1, -2}));
    const Tensor covariance = constant(HostArray::of<double>({2, 2}, {2, 0.5, 0.5, 1}));
    draws.expect(
        "r.multivariate_normal(k, jnp.array([1., -2]), jnp.array([[2, .5], [.5, 1]]), (3,), method='cholesky')",
        pd::multivariate_normal(one, {3}, mean, covariance), 1e-9);
    draws.check();
}

TEST(Distributions, NumbersDrawnByRejectionAreJaxs) {
    namespace pd = distributions;
    Draws draws;
    const Key& one = draws.one;
    const Tensor few = constant(HostArray::of<float>({3}, {0.01F, 0.7F, 12.0F}));
    const std::string text = "jnp.array([.01, .7, 12], 'f4')";
    const auto same = [&](const std::string& jax, const Tensor& ours, double tolerance = 1e-5) {
        draws.expect(jax, ours, tolerance);
    };
    same(fmt::format("r.gamma(k, {}, (3, 3), 'f4')", text), pd::gamma(one, few, Dims{3, 3}));
    same("r.gamma(k, 2.5, (5,))", pd::gamma(one, 2.5, Dims{5}, F64), 1e-9);
    same(fmt::format("r.loggamma(k, {}, dtype='f4')", text), pd::log_gamma(one, few));
    same(fmt::format("r.beta(k, {}, np.float32(0.6), dtype='f4')", text), pd::beta(one, few, 0.6));
    same(fmt::format("r.dirichlet(k, {}, (2,), 'f4')", text), pd::dirichlet(one, few, Dims{2}));
    same(fmt::format("r.chisquare(k, {}, dtype='f4')", text), pd::chisquare(one, few));
    same(fmt::format("r.t(k, {} + 1, dtype='f4')", text), pd::student_t(one, few + 1.0));
    const Tensor rates = constant(HostArray::of<float>({4}, {0.0F, 3.0F, 40.0F, 1000.0F}));
    same("r.poisson(k, jnp.array([0, 3, 40, 1000], 'f4'), (3, 4), 'i4')", pd::poisson(one, rates, Dims{3, 4}), 0.0);
    const Tensor shares = constant(HostArray::of<float>({4}, {0.1F, 0.5F, 0.9F, -1.0F}));
    same("r.binomial(k, np.float32(70), jnp.array([.1, .5, .9, -1], 'f4'), (3, 4), 'f4')",
         pd::binomial(one, 70, shares, Dims{3, 4}));
    draws.check();
}

TEST(Distributions, NumbersCanBeDrawnForManyKeysAtOnceAndAreConstantToGradients) {
    test::expect_mapped(
        [](const Tensors& in) {
            return Tensors{distributions::gamma(fold_in(key(1), in[0]), in[1]),
                           convert(distributions::poisson(key(1), in[1] * 4.0), F64)};
        },
        {HostArray::of<std::int32_t>({}, std::vector<std::int32_t>{5}), test::sample(Shape(F64, {2}), 0.5, 3)});
    const auto gradient = test::run(
        test::gradient_of([](const Tensors& in) { return Tensors{distributions::gamma(key(1), in[0]) * in[0]}; }),
        {HostArray::of<double>({}, std::vector<double>{2})});
    EXPECT_NE(gradient[0].as_double(0), 0.0);
    test::expect_gradient(
        [](const Tensors& in) {
            const Tensor root = reshape(in[1], {2, 2});
            return Tensors{distributions::multivariate_normal(key(3), {2}, in[0],
                                                              matmul(root, swap_axes(root, 0, 1)) + eye(2, F64))};
        },
        {test::f64({2}), test::f64({4}, 2)});
}

TEST(Distributions, SayWhatDoesNotFit) {
    namespace pd = distributions;
    const Key one = key(0);
    expect_error(Code::DTYPE_MISMATCH, "randint: gives integers, asked for f32",
                 [&] { pd::randint(one, {2}, 0, 3, F32); });
    expect_error(Code::DTYPE_MISMATCH, "laplace: gives floating-point numbers, asked for i32",
                 [&] { pd::laplace(one, {2}, DataType::INT32); });
    expect_error(Code::INVALID_ARGUMENT, "choice: 4 were asked for of 3",
                 [&] { pd::choice(one, 3, {4}, {.replace = false}); });
    expect_error(Code::SHAPE_MISMATCH, "choice: takes 3 floating-point probabilities, got f32[2]",
                 [&] { pd::choice(one, 3, {4}, {.probabilities = zeros({2})}); });
    expect_error(Code::DTYPE_MISMATCH, "gamma: takes floating-point parameters, got i32",
                 [&] { pd::gamma(one, arange(3)); });
    expect_error(Code::SHAPE_MISMATCH, "beta: a parameter f32[3] does not go with",
                 [&] { pd::beta(one, zeros({2}), zeros({3})); });
    expect_error(Code::SHAPE_MISMATCH, "multivariate_normal: takes a mean [..., n]", [&] {
        pd::multivariate_normal(one, {}, zeros({2}), zeros({2, 3}));
    });
    expect_error(Code::SHAPE_MISMATCH, "dirichlet: takes concentrations", [&] { pd::dirichlet(one, zeros({})); });
}

}  // namespace
}  // namespace podium
