#include "podium/transform/vmap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/transform/transform.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::f64;

TEST(Vmap, MapsOverTheAxesThatItIsTold) {
    test::Oracle oracle;
    const HostArray x = f64({4, 3}), y = f64({2, 4}, 2), w = f64({3, 2}, 3);
    const auto f = [](const Tensor& a, const Tensor& b, const Tensor& c) { return matmul(a, c) * b; };
    const Tensor found =
        vmap(f, {.in_axes = {0, 1, std::nullopt}, .out_axis = -1})(constant(x), constant(y), constant(w));
    oracle.expect("jax.vmap(lambda a, b, c: a @ c * b, in_axes=(0, 1, None), out_axes=-1)(*x)", {x, y, w},
                  found.to_host());
    oracle.check();
}

TEST(Vmap, NestsAndTakesTreesAndStaticArguments) {
    test::Oracle oracle;
    const HostArray x = f64({4, 3}), y = f64({5, 3}, 2);
    const auto distance = [](const std::pair<Tensor, Tensor>& points, double power) {
        return sum(podium::power(abs(points.first - points.second), power));
    };
    const auto to_all = [&](const Tensor& a, const Tensor& all) {
        return vmap([&](const Tensor& b) { return distance({a, b}, 1.5); })(all);
    };
    const Tensor found = vmap(to_all, {.in_axes = {0, std::nullopt}})(constant(x), constant(y));
    oracle.expect("(jnp.abs(x[0][:, None] - x[1][None]) ** 1.5).sum(-1)", {x, y}, found.to_host(), 1e-12);
    oracle.check();
}

TEST(Vmap, OfGradientsGivesEachExampleItsOwn) {
    test::Oracle oracle;
    const HostArray w = f64({3}), x = f64({4, 3}, 2), y = f64({4}, 3);
    const auto loss = [](const Tensor& a, const Tensor& b, const Tensor& c) { return square(sum(tanh(a * b)) - c); };
    const Tensor found = vmap(grad(loss), {.in_axes = {std::nullopt, 0, 0}})(constant(w), constant(x), constant(y));
    const std::string python = "lambda a, b, c: (jnp.tanh(a * b).sum() - c) ** 2";
    oracle.expect("jax.vmap(jax.grad(" + python + "), (None, 0, 0))(*x)", {w, x, y}, found.to_host());
    // The gradient of the mapped loss adds them up.
    const Tensor total = grad([&](const Tensor& a) {
        return sum(vmap(loss, {.in_axes = {std::nullopt, 0, 0}})(a, constant(x), constant(y)));
    })(constant(w));
    oracle.expect("jax.grad(lambda a: jax.vmap(" + python + ", (None, 0, 0))(a, x[1], x[2]).sum())(x[0])", {w, x, y},
                  total.to_host());
    oracle.check();
}

TEST(Vmap, OfGradientsOfScansGivesEachExampleItsOwn) {
    test::Oracle oracle;
    const HostArray w = f64({3}), x = f64({2, 4, 3}, 2);
    const auto loss = [](const Tensor& a, const Tensor& xs) {
        return sum(scan([&](const Tensor& c, const Tensor& s) { return std::pair(tanh(c * a + s), c); }, a, xs).first);
    };
    const Tensor found = vmap(grad(loss), {.in_axes = {std::nullopt, 0}})(constant(w), constant(x));
    oracle.expect(
        "jax.vmap(jax.grad(lambda a, xs: lax.scan(lambda c, s: (jnp.tanh(c * a + s), c), a, xs)[0].sum()), (None, "
        "0))(*x)",
        {w, x}, found.to_host());
    oracle.check();
}

TEST(Vmap, OverKeysDrawsForEachAsIfAlone) {
    const std::vector<Key> keys = split_list(key(7), 3);
    const Key all{stack({keys[0].data, keys[1].data, keys[2].data}, 0)};
    const HostArray found = vmap([](const Key& one) { return normal(one, {4}); })(all).to_host();
    for (std::int64_t i = 0; i < 3; ++i) {
        const HostArray alone = normal(keys[static_cast<std::size_t>(i)], {4}).to_host();
        for (std::int64_t k = 0; k < 4; ++k) EXPECT_EQ(found.as_double(i * 4 + k), alone.as_double(k));
    }
}

TEST(Vmap, SaysWhatDoesNotFit) {
    const auto f = [](const Tensor& a, const Tensor& b) { return a + b; };
    expect_error(Code::SHAPE_MISMATCH, "vmap: dimension 0 of f32[3] has 3 examples, an earlier argument 2",
                 [&] { vmap(f)(zeros({2}), zeros({3})); });
    expect_error(Code::SHAPE_MISMATCH, "vmap: no dimension 1 in a tensor of rank 1",
                 [&] { vmap(f, {.in_axes = {1}})(zeros({2}), zeros({2})); });
    expect_error(Code::INVALID_ARGUMENT, "vmap: no argument is mapped", [&] {
        vmap(f, {.in_axes = {std::nullopt, std::nullopt}})(zeros({2}), zeros({2}));
    });
    expect_error(Code::TRACED_VALUE, "has no value inside a trace",
                 [&] { vmap([](const Tensor& a) { return a * a.item<float>(); })(zeros({2})); });
}

TEST(AssociativeScan, GivesRunningResultsAsJaxDoes) {
    test::Oracle oracle;
    const auto multiply_matrices = [](const Tensor& a, const Tensor& b) { return matmul(a, b); };
    for (const std::int64_t length : {1, 2, 5, 8}) {
        const HostArray x = f64({length, 2, 2});
        for (const bool reversed : {false, true})
            oracle.expect(
                fmt::format("lax.associative_scan(jnp.matmul, x[0], reverse={})", reversed ? "True" : "False"), {x},
                associative_scan(multiply_matrices, constant(x), 0, reversed).to_host());
    }
    const std::pair<HostArray, HostArray> pair{f64({3, 6}), f64({3, 6}, 2)};  // a linear recurrence
    const auto affine = [](const std::pair<Tensor, Tensor>& a, const std::pair<Tensor, Tensor>& b) {
        return std::pair(a.first * b.first, a.second * b.first + b.second);
    };
    const auto found = associative_scan(affine, std::pair(constant(pair.first), constant(pair.second)), -1);
    oracle.expect("lax.associative_scan(lambda a, b: (a[0] * b[0], a[1] * b[0] + b[1]), (x[0], x[1]), axis=1)[1]",
                  {pair.first, pair.second}, found.second.to_host());
    oracle.check();
    test::expect_gradient([&](const Tensors& in) { return Tensors{associative_scan(multiply_matrices, in[0])}; },
                          {f64({5, 2, 2})});
    expect_error(Code::SHAPE_MISMATCH, "associative_scan: f32[2] and f32[3] differ along axis 0",
                 [&] { associative_scan(affine, std::pair(zeros({2}), zeros({3}))); });
}

}  // namespace
}  // namespace podium
