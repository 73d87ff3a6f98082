// Transforms of transforms, compiled by the plugin, beside JAX.
#include <gtest/gtest.h>

#include <cmath>

#include "podium/exec/jit.h"
#include "podium/ir/ops.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

/// Returns numbers between -1 and 1 that differ by position and by `phase`.
HostArray wave(const Dims& dims, double phase = 0) {
    HostArray array(Shape(DataType::FLOAT64, dims));
    double i = phase;
    for (auto& element : array.mutable_span<double>()) element = std::sin(1.7 * ++i);
    return array;
}

/// Three times, by whether its sum is negative, the carry goes through a sine or an exponential; then the slice is
/// added.
Tensor nested(const Tensor& start, const Tensor& xs) {
    const auto body = [](const Tensor& carry, const Tensor& x) {
        const Tensors last =
            while_loop([](const Tensors& s) -> Tensors { return {less(s[0], 3)}; },
                       [](const Tensors& s) -> Tensors {
                           const auto sine = [](const Tensors& in) -> Tensors { return {sin(in[0]) + 0.5}; };
                           const auto exponential = [](const Tensors& in) -> Tensors { return {exp(in[0]) * 0.25}; };
                           return {s[0] + 1, cond(less(sum(s[1]), 0.0), exponential, sine, {s[1]})[0]};
                       },
                       {zeros({}, DataType::INT32), carry});
        return std::pair(last[1] + x, sum(last[1]));
    };
    const auto [carry, sums] = scan(body, start, xs);
    return sum(carry * carry) + sum(sums);
}

constexpr const char* NESTED_IN_JAX =
    "(lambda f: f)((lambda lax, jnp: lambda start, xs: (lambda r: jnp.sum(r[0] * r[0]) + jnp.sum(r[1]))("
    "lax.scan(lambda c, x: (lambda y: (y + x, jnp.sum(y)))(lax.fori_loop(0, 3, lambda i, s: lax.cond(jnp.sum(s) < 0, "
    "lambda v: jnp.exp(v) * 0.25, lambda v: jnp.sin(v) + 0.5, s), c)), start, xs)))(lax, jnp))";

TEST(Transforms, TheGradientOfAScanOfALoopOfABranchIsOneProgram) {
    const HostArray start = wave({3}), xs = wave({4, 3}, 1);
    const auto f = jit([](const Tensor& a, const Tensor& b) { return grad(nested)(a, b); });
    const auto hessian_product = jit([](const Tensor& a, const Tensor& b, const Tensor& v) {
        return jvp([&](const Tensor& at) { return grad(nested)(at, b); }, a, v).second;
    });
    test::Oracle oracle;
    for (const double scale : {1.0, -1.0}) {
        const Tensor a = tensor(start) * scale, b = tensor(xs);
        oracle.expect(std::string("jax.grad(") + NESTED_IN_JAX + ")(x[0], x[1])", {a.to_host(), xs}, f(a, b).to_host(),
                      1e-13);
        oracle.expect(std::string("jax.hessian(") + NESTED_IN_JAX + ")(x[0], x[1]) @ x[0]", {a.to_host(), xs},
                      hessian_product(a, b, a).to_host(), 1e-12);
    }
    oracle.check();
    EXPECT_EQ(f.stats().traces, 1);
    EXPECT_EQ(hessian_product.stats().traces, 1);
}

TEST(Transforms, TheHessianOfATwoLayerNetworkIsJaxs) {
    const auto loss = [](const Tensor& flat, const Tensor& x) {
        const Tensor first = reshape(slice_axis(flat, 0, 0, 12), {3, 4}), second = slice_axis(flat, 0, 12, 16);
        return mean(square(matmul(tanh(matmul(x, first)), expand_dims(second, 1))));
    };
    const HostArray flat = wave({16}), x = wave({5, 3}, 1);
    const auto f =
        jit([&](const Tensor& a, const Tensor& b) { return hessian([&](const Tensor& p) { return loss(p, b); })(a); });
    test::Oracle oracle;
    oracle.expect("jax.hessian(lambda p: jnp.mean((jnp.tanh(x[1] @ p[:12].reshape(3, 4)) @ p[12:, None]) ** 2))(x[0])",
                  {flat, x}, f(tensor(flat), tensor(x)).to_host(), 1e-12);
    oracle.check();
    EXPECT_EQ(f.stats().traces, 1);
}

TEST(Transforms, MappedGradientsOfRecomputedScansAreJaxs) {
    const auto f = [](const Tensor& w, const Tensor& xs) {
        const auto body = remat([](const Tensor& c, const Tensor& x) { return tanh(c * x + c); });
        return sum(scan([&](const Tensor& c, const Tensor& x) { return std::pair(body(c, x), c); }, w, xs).first);
    };
    const HostArray w = wave({2, 3}), xs = wave({4, 3}, 1);
    const auto mapped = jit([&](const Tensor& a, const Tensor& b) {
        return vmap([&](const Tensor& one, const Tensor& all) { return grad(f)(one, all); },
                    {.in_axes = {0, std::nullopt}})(a, b);
    });
    test::Oracle oracle;
    oracle.expect(
        "jax.vmap(jax.grad(lambda w, xs: jnp.sum(lax.scan(lambda c, x: (jnp.tanh(c * x + c), c), w, xs)[0])), (0, "
        "None))"
        "(x[0], x[1])",
        {w, xs}, mapped(tensor(w), tensor(xs)).to_host(), 1e-13);
    oracle.check();
}

}  // namespace
}  // namespace podium
