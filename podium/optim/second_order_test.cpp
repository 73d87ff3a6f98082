#include <gtest/gtest.h>

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

constexpr int SEARCHED_STEPS = 25;

struct Problem {
    const char* name;
    Tensor (*loss)(const Tree& parameters);
    const char* jax;
};

Tensor valley(const Tree& p) {
    const Tensor& x = p["x"];
    const Tensor before = slice_axis(x, 0, 0, 3), after = slice_axis(x, 0, 1, 4);
    return sum(100.0 * square(after - square(before)) + square(1.0 - before)) + sum(square(square(p["y"] - 0.5)));
}

Tensor bounded(const Tree& p) { return sum(square(p["x"])) + 0.5 * sum(square(p["y"])) - sum(log(p["x"] + 1.05)); }

Tensor waves(const Tree& p) { return sum(sin(3.0 * p["x"]) + 0.1 * square(p["x"])) + sum(cos(5.0 * p["y"])); }

/// A curved valley, a loss that is no number beyond a bound, and one with hills and wells.
constexpr std::array PROBLEMS{
    Problem{"valley", valley,
            "lambda p: jnp.sum(100. * (p['x'][1:] - p['x'][:-1] ** 2) ** 2 + (1. - p['x'][:-1]) ** 2)"
            " + jnp.sum((p['y'] - 0.5) ** 4)"},
    Problem{"bounded", bounded,
            "lambda p: jnp.sum(p['x'] ** 2) + 0.5 * jnp.sum(p['y'] ** 2) - jnp.sum(jnp.log(p['x'] + 1.05))"},
    Problem{"waves", waves,
            "lambda p: jnp.sum(jnp.sin(3. * p['x']) + 0.1 * p['x'] ** 2) + jnp.sum(jnp.cos(5. * p['y']))"}};

struct SearchCase {
    const char* name;
    GradientTransform transform;
    const char* optax;
    std::vector<std::size_t> problems;  ///< of the list
};

std::vector<SearchCase> search_cases() {
    return {
        {"lbfgs", lbfgs(1.0), "optax.lbfgs()", {0, 2}},
        {"lbfgs_short",
         lbfgs(0.3, {.memory = 3, .scale_first = false}),
         "optax.lbfgs(0.3, memory_size=3, scale_init_precond=False)",
         {1}},
        {"zoom_sgd",
         zoom_line_search(sgd(0.01), {.steps = 6}),
         "optax.chain(optax.sgd(0.01), optax.scale_by_zoom_linesearch(6, initial_guess_strategy='one'))",
         {2}},
        {"backtracking",
         backtracking_line_search(sgd(1.0)),
         "optax.chain(optax.sgd(1.0), optax.scale_by_backtracking_linesearch(20))",
         {0}},
    };
}

Tree start_of_search() {
    return TreeBuilder<Tensor>().add("x", test::sample({4}, 3)).add("y", test::sample({2, 2}, 4)).build();
}

HostTree host(const Tree& tree) { return {tree.paths(), test::interpreted(tree.leaves())}; }

/// Returns a program from parameters and state to the next ones, and the loss before.
TreeProgram search_program(Backend& backend, const GradientTransform& transform, const Problem& problem,
                           const std::vector<HostTree>& examples) {
    return {backend, examples, [&](const std::vector<Tree>& trees) -> std::vector<Tree> {
                const auto [value, gradient] = value_and_grad(problem.loss)(trees[0]);
                const auto [updates, state] =
                    transform.update(gradient, trees[1], trees[0], {.value = value, .function = problem.loss});
                return {apply_updates(trees[0], updates), state, TreeBuilder<Tensor>().add("loss", value).build()};
            }};
}

TEST(SecondOrder, LineSearchesAndLbfgsGoWhereOptaxGoes) {
    std::string script = R"(
def run(name, solver, loss):
    p = {k[6:]: v for k, v in given.items()}
    state, all = solver.init(p), []
    def step(p, state):
        value, grad = jax.value_and_grad(loss)(p)
        updates, state = solver.update(grad, state, p, value=value, grad=grad, value_fn=loss)
        return optax.apply_updates(p, updates), state
    step = jax.jit(step)
    for _ in range(25):
        p, state = step(p, state)
        all.append(p)
    for k in p:
        out[f'{name}.{k}'] = np.stack([each[k] for each in all])
)";
    const auto cases = search_cases();
    for (const auto& each : cases)
        for (const auto which : each.problems)
            script +=
                fmt::format("run('{}_{}', {}, {})\n", each.name, PROBLEMS[which].name, each.optax, PROBLEMS[which].jax);
    const Tree start = start_of_search();
    const auto expected = test::jax_results(script, TreeBuilder<Tensor>().add("start", start).build());
    const auto interpreter = make_interp_backend();
    for (Backend* const backend : {interpreter.get(), static_cast<Backend*>(&test_backend())})
        for (const auto& each : cases)
            for (const auto which : each.problems) {
                const Problem& problem = PROBLEMS[which];
                if (backend != interpreter.get() && which != 1) continue;  // compiling all takes long
                SCOPED_TRACE(fmt::format("{} {} {}", backend->name(), each.name, problem.name));
                HostTree now = host(start), state = host(each.transform.init(start));
                const TreeProgram program = search_program(*backend, each.transform, problem, {now, state});
                for (int step = 0; step < SEARCHED_STEPS; ++step) {
                    auto results = program({now, state});
                    now = std::move(results[0]);
                    state = std::move(results[1]);
                    for (std::size_t i = 0; i < now.size(); ++i) {
                        const HostArray &ours = now.leaves()[i],
                                        &all = expected[fmt::format("{}_{}.{}", each.name, problem.name, now.path(i))];
                        for (std::int64_t j = 0; j < ours.count(); ++j)
                            ASSERT_NEAR(ours.as_double(j), all.as_double(step * ours.count() + j), 1e-7)
                                << now.path(i) << " in step " << step;
                    }
                }
            }
}

TEST(SecondOrder, SearchesEndInTheValley) {
    const auto backend = make_interp_backend();
    struct Case {
        GradientTransform transform;
        int steps;
        double loss;
    };
    for (const auto& [transform, steps, least] : {Case{lbfgs(1.0), 100, 1e-7}, Case{newton_cg(1.0), 60, 1e-12}}) {
        HostTree now = host(start_of_search()), state = host(transform.init(start_of_search()));
        const TreeProgram program = search_program(*backend, transform, PROBLEMS[0], {now, state});
        double loss = 0.0;
        for (int step = 0; step < steps; ++step) {
            auto results = program({now, state});
            now = std::move(results[0]);
            state = std::move(results[1]);
            loss = results[2]["loss"].as_double(0);
        }
        EXPECT_LT(loss, least) << transform.name;
    }
}

TEST(SecondOrder, LbfgsGoesOnAfterAStepOfLengthZero) {
    const Tree start = start_of_search();
    const auto transform = scale_by_lbfgs();
    const auto gradient = [&](int seed) {
        return TreeBuilder<Tensor>().add("x", test::sample({4}, seed)).add("y", test::sample({2, 2}, seed + 1)).build();
    };
    const Tree state = transform.update(gradient(7), transform.init(start), start).second;
    const Tree moved = transform.update(gradient(9), state, start).first;
    EXPECT_GT(test::interpreted({global_norm(moved)})[0].as_double(0), 0.1);
}

using Vector = std::array<double, 2>;
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1]; }

/// Returns Rosenbrock's gradient and its Hessian's product with a vector.
Vector rosenbrock_gradient(const Vector& x) {
    return {-400.0 * x[0] * (x[1] - x[0] * x[0]) - 2.0 * (1.0 - x[0]), 200.0 * (x[1] - x[0] * x[0])};
}
Vector rosenbrock_product(const Vector& x, const Vector& v, double damping) {
    const double xx = 1200.0 * x[0] * x[0] - 400.0 * x[1] + 2.0 + damping, xy = -400.0 * x[0], yy = 200.0 + damping;
    return {xx * v[0] + xy * v[1], xy * v[0] + yy * v[1]};
}

/// Nocedal and Wright 2006, algorithm 7.1, the loop over j: the direction, times -1.
Vector newton_direction(const Vector& at, int iterations, double damping) {
    const Vector g = rosenbrock_gradient(at);
    const double norm = std::sqrt(dot(g, g)), least = std::min(0.5, std::sqrt(norm)) * norm;
    Vector z{0.0, 0.0}, r = g, d{-g[0], -g[1]};
    for (int j = 0; j < iterations; ++j) {
        const Vector product = rosenbrock_product(at, d, damping);
        const double curvature = dot(d, product);
        if (curvature <= 0.0) return j == 0 ? g : Vector{-z[0], -z[1]};
        const double squared = dot(r, r), alpha = squared / curvature;
        for (std::size_t i = 0; i < 2; ++i) {
            z[i] += alpha * d[i];
            r[i] += alpha * product[i];
        }
        if (std::sqrt(dot(r, r)) < least) break;
        for (std::size_t i = 0; i < 2; ++i) d[i] = -r[i] + dot(r, r) / squared * d[i];
    }
    return {-z[0], -z[1]};
}

TEST(SecondOrder, NewtonsDirectionsAreAlgorithm71s) {
    const auto loss = [](const Tree& p) {
        const Tensor &x = p["x"], &y = p["y"];
        return 100.0 * square(y - square(x)) + square(1.0 - x);
    };
    const std::vector<Vector> points{{-1.2, 1.0}, {0.0, 2.0}, {0.1, 1.0}, {1.0, 1.0}, {1.001, 1.0}, {2.0, -1.0}};
    for (const Vector& at : points)
        for (const int iterations : {1, 20})
            for (const double damping : {0.0, 300.0}) {
                SCOPED_TRACE(fmt::format("({}, {}), {} iterations, damping {}", at[0], at[1], iterations, damping));
                const Tree parameters = TreeBuilder<Tensor>()
                                            .add("x", full({}, at[0], DataType::FLOAT64))
                                            .add("y", full({}, at[1], DataType::FLOAT64))
                                            .build();
                const auto transform = scale_by_newton_cg({.iterations = iterations, .damping = damping});
                const Tree found = transform.update(grad(loss)(parameters), {}, parameters, {.function = loss}).first;
                const Vector expected = newton_direction(at, iterations, damping);
                const auto arrays = test::interpreted(found.leaves());
                for (std::size_t i = 0; i < 2; ++i)
                    EXPECT_NEAR(arrays[i].as_double(0), expected[i], 1e-9 * std::max(1.0, std::abs(expected[i])));
            }
}

TEST(SecondOrder, WhatIsMissingIsNamed) {
    const Tree parameters = start_of_search();
    for (const auto& transform : {lbfgs(1.0), newton_cg(1.0), metasgd(0.1)})
        expect_error(Code::INVALID_ARGUMENT, "takes gradients of its own",
                     [&] { transform.update(parameters, transform.init(parameters), parameters); });
    expect_error(Code::INVALID_ARGUMENT, "a memory of 0 steps", [] { lbfgs(1.0, {.memory = 0}); });
}

}  // namespace
}  // namespace podium::optim
