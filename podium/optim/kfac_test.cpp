#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/optim/optim.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/testing.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

constexpr int KFAC_STEPS = 12;
constexpr std::int64_t SAMPLES = 20;

HostTree on_host(const Tree& tree) { return {tree.paths(), test::interpreted(tree.leaves())}; }

/// Returns the parameters, and the data as captured constants, of two layers with scales between them.
Tree two_layer_parameters() {
    return TreeBuilder<Tensor>()
        .add("a.weight", test::sample({3, 4}, 1))
        .add("a.bias", test::sample({4}, 2))
        .add("scale", test::sample({4}, 3))
        .add("b.weight", test::sample({2, 4}, 4))
        .add("b.bias", test::sample({2}, 5))
        .add("c.weight", test::sample({2, 3}, 6))
        .build();
}
Tensor two_layer_inputs(DataType type) { return reshape(sin(1.7 * arange(3 * SAMPLES, type)), {SAMPLES, 3}); }
Tensor two_layer_loss(const Tree& p) {
    const DataType type = p["a.weight"].type();
    const Tensor targets = reshape(cos(0.9 * arange(3 * SAMPLES, type)), {SAMPLES, 3});
    const Tensor hidden = tanh(matmul(two_layer_inputs(type), p["a.weight"]) + p["a.bias"]) * p["scale"];
    const Tensor out = tanh(matmul(hidden, transpose(p["b.weight"])) + p["b.bias"]);
    return mean(square(matmul(out, p["c.weight"]) - targets));
}

TreeProgram kfac_program(Backend& backend, const GradientTransform& transform, const std::vector<HostTree>& examples,
                         const std::function<Tensor(const Tree&)>& loss) {
    return {backend, examples, [&](const std::vector<Tree>& trees) -> std::vector<Tree> {
                const auto [value, gradient] = value_and_grad(loss)(trees[0]);
                const auto [updates, state] =
                    transform.update(gradient, trees[1], trees[0], {.value = value, .function = loss});
                return {apply_updates(trees[0], updates), state, TreeBuilder<Tensor>().add("loss", value).build()};
            }};
}

/// What the layers take, and the gradients by their results through zeros that JAX differentiates by.
constexpr auto KFAC_SCRIPT = R"(
constraint, shares = 0.003, []
n, lr, wd, lam, decay, beta1, beta2, eps, rest, every = 20, 0.3, 0.05, 0.02, 0.8, 0.5, 0.9, 1e-8, 0.1, 3
x = jnp.sin(1.7 * jnp.arange(3. * n)).reshape(n, 3)
t = jnp.cos(0.9 * jnp.arange(3. * n)).reshape(n, 3)
def loss(p, z):
    h = jnp.tanh(x @ p['a.weight'] + p['a.bias'] + z[0]) * p['scale']
    o = jnp.tanh(h @ p['b.weight'].T + p['b.bias'] + z[1])
    return jnp.mean((o @ p['c.weight'] + z[2] - t) ** 2), (x, h, o)
p = {k: jnp.asarray(v) for k, v in given.items()}
m = {k: jnp.zeros_like(v) for k, v in p.items()}
v = dict(m)
zero = [jnp.zeros((n, w)) for w in (4, 2, 3)]
layers = [('a', True, False), ('b', True, True), ('c', False, False)]
A, G, iA, iG, path = {}, {}, {}, {}, []
derivatives = jax.jit(jax.grad(loss, (0, 1), has_aux=True))
for k in range(1, 13):
    (dp, dz), inputs = derivatives(p, zero)
    m = {k_: beta1 * m[k_] + (1 - beta1) * dp[k_] for k_ in p}
    v = {k_: beta2 * v[k_] + (1 - beta2) * dp[k_] ** 2 for k_ in p}
    hat = {k_: m[k_] / (1 - beta1 ** k) for k_ in p}
    u = {k_: rest * hat[k_] / (jnp.sqrt(v[k_] / (1 - beta2 ** k)) + eps) for k_ in p}
    for (name, biased, turned), a, g in zip(layers, inputs, dz):
        if biased:
            a = jnp.concatenate([a, jnp.ones((n, 1))], 1)
        c = min(1 - 1 / k, decay)
        own = sum(np.outer(row, row) for row in np.asarray(a)) / n
        back = sum(np.outer(n * row, n * row) for row in np.asarray(g)) / n
        A[name] = c * A.get(name, 0) + (1 - c) * own
        G[name] = c * G.get(name, 0) + (1 - c) * back
        if (k - 1) % every == 0:
            pi = np.sqrt(np.trace(A[name]) / len(A[name]) / (np.trace(G[name]) / len(G[name])))
            iA[name] = np.linalg.inv(A[name] + pi * np.sqrt(lam) * np.eye(len(A[name])))
            iG[name] = np.linalg.inv(G[name] + np.sqrt(lam) / pi * np.eye(len(G[name])))
        w = hat[name + '.weight'].T if turned else hat[name + '.weight']
        if biased:
            w = jnp.concatenate([w, hat[name + '.bias'][None]])
        w = iA[name] @ w @ iG[name]
        if biased:
            u[name + '.bias'], w = w[-1], w[:-1]
        u[name + '.weight'] = w.T if turned else w
    own = [k_ for k_ in p if k_ != 'scale']
    change = sum((u[k_] * hat[k_]).sum() for k_ in own)
    shorter = min(1., np.sqrt(constraint / (lr ** 2 * change)))
    shares.append(shorter)
    u = {k_: shorter * u[k_] if k_ in own else u[k_] for k_ in u}
    p = {k_: p[k_] - lr * (u[k_] + wd * p[k_]) for k_ in p}
    path.append(p)
for k_ in p:
    out[k_] = np.stack([each[k_] for each in path])
out['shares'] = np.array(shares)
for name, biased, turned in layers:
    out['factor.' + name] = A[name]
)";

TEST(Kfac, StepsAreThoseOfNumpysInverses) {
    const auto transform = kfac(0.3, {.beta1 = 0.5,
                                      .decay = 0.8,
                                      .damping = 0.02,
                                      .norm_constraint = 0.003,
                                      .every = 3,
                                      .beta2 = 0.9,
                                      .rest_scale = 0.1,
                                      .weight_decay = 0.05});
    const Tree start = two_layer_parameters();
    const auto expected = test::jax_results(KFAC_SCRIPT, start);
    int shortened = 0;
    for (std::int64_t i = 0; i < KFAC_STEPS; ++i) shortened += expected["shares"].as_double(i) < 1.0 ? 1 : 0;
    EXPECT_TRUE(shortened > 0 && shortened < KFAC_STEPS) << shortened;
    const auto interpreter = make_interp_backend();
    for (Backend* const backend : {interpreter.get(), static_cast<Backend*>(&test_backend())}) {
        SCOPED_TRACE(backend->name());
        HostTree now = on_host(start), state = on_host(transform.init(start));
        const TreeProgram program = kfac_program(*backend, transform, {now, state}, two_layer_loss);
        for (int step = 0; step < KFAC_STEPS; ++step) {
            auto results = program({now, state});
            now = std::move(results[0]);
            state = std::move(results[1]);
            for (std::size_t i = 0; i < now.size(); ++i) {
                const HostArray &ours = now.leaves()[i], &all = expected[now.path(i)];
                for (std::int64_t j = 0; j < ours.count(); ++j)
                    ASSERT_NEAR(ours.as_double(j), all.as_double(step * ours.count() + j), 1e-9)
                        << now.path(i) << " in step " << step;
            }
        }
        // The bias's ones are the last; a transposed weight's inputs are its columns.
        const HostArray &ours = state["scale_by_kfac.columns.b.weight"], &theirs = expected["factor.b"];
        ASSERT_EQ(ours.shape().dims, (Dims{5, 5}));
        for (std::int64_t i = 0; i < 25; ++i) EXPECT_NEAR(ours.as_double(i), theirs.as_double(i), 1e-9);
    }
}

/// Inputs whose directions differ a thousandfold: a condition of a million.
Tensor ill_conditioned_loss(const Tree& p) {
    const DataType type = p["w"].type();
    const Tensor lengths = power(10.0, -0.5 * arange(7, type));
    const Tensor x = reshape(sin(square(0.37 * arange(448, type))), {64, 7}) * lengths;
    const Tensor truth = reshape(cos(1.1 * arange(14, type)), {7, 2}) / expand_dims(lengths, 1);
    return mean(square(matmul(x, p["w"]) + p["b"] - matmul(x, truth) - 0.3));
}

double loss_after(const GradientTransform& transform, int steps) {
    const auto backend = make_interp_backend();
    HostTree now = TreeBuilder<HostArray>()
                       .add("w", HostArray::of<double>({7, 2}, std::vector<double>(14, 0.0)))
                       .add("b", HostArray::of<double>({2}, {0.0, 0.0}))
                       .build();
    HostTree state = TreeProgram(*backend, {now}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{transform.init(trees[0])};
    })({now})[0];
    const TreeProgram program = kfac_program(*backend, transform, {now, state}, ill_conditioned_loss);
    double loss = 0.0;
    for (int step = 0; step < steps; ++step) {
        auto results = program({now, state});
        now = std::move(results[0]);
        state = std::move(results[1]);
        loss = results[2]["loss"].as_double(0);
    }
    return loss;
}

TEST(Kfac, IsFasterThanSgdWhereInputsAreIllConditioned) {
    double best = HUGE_VAL;
    for (const double rate : {0.1, 0.3, 1.0, 3.0})
        if (const double loss = loss_after(sgd(rate, {.momentum = 0.9}), 100); std::isfinite(loss))
            best = std::min(best, loss);
    const double found =
        loss_after(kfac(linear(0.3, 0.0, 100), {.damping = 1e-10, .norm_constraint = 0.0, .every = 1}), 100);
    EXPECT_GT(best, 1e-2);
    EXPECT_LT(found, 0.01 * best);
}

TEST(Kfac, WhatHasNoProductHasAdamsSteps) {
    const Tree parameters = TreeBuilder<Tensor>()
                                .add("wte.weight", test::sample({5, 3}, 1))
                                .add("h.*.weight", test::sample({2, 3, 3}, 2))
                                .add("head.weight", test::sample({3, 20}, 3))
                                .build();
    const auto loss = [](const Tree& p) {
        Tensor x = take(p["wte.weight"], tensor<std::int32_t>({4}, {0, 3, 1, 1}));
        for (std::int64_t i = 0; i < 2; ++i) x = tanh(matmul(x, squeeze(slice_axis(p["h.*.weight"], 0, i, i + 1), 0)));
        return mean(square(matmul(x, p["head.weight"]) - 0.5));
    };
    const auto gradient = grad(loss)(parameters);
    const auto transform = scale_by_kfac(1.0, {.largest = 16, .rest_scale = 1.0}), adam = scale_by_adam();
    const Tree state = transform.init(parameters);
    EXPECT_TRUE(state.contains("rows.wte.weight"));
    EXPECT_FALSE(state.contains("rows.h.*.weight"));
    EXPECT_FALSE(state.contains("columns.head.weight"));
    const Tree found = transform.update(gradient, state, parameters, {.function = loss}).first;
    const Tree expected = adam.update(gradient, adam.init(parameters), parameters).first;
    for (const auto& path : parameters.paths()->names()) {
        const auto arrays = test::interpreted({found[path], expected[path]});
        EXPECT_LE(test::relative_difference(arrays[0], arrays[1]), 1e-12) << path;
    }
}

TEST(Kfac, NumbersThatMakeNoneAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "scale_by_kfac: 0 steps", [] { kfac(0.1, {.every = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "scale_by_kfac: a damping of 0", [] { kfac(0.1, {.damping = 0.0}); });
    const Tree p = two_layer_parameters();
    expect_error(Code::INVALID_ARGUMENT, "takes gradients of its own", [&] {
        const auto transform = kfac(0.1);
        transform.update(p, transform.init(p), p);
    });
}

}  // namespace
}  // namespace podium::optim
