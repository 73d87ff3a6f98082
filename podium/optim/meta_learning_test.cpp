#include <gtest/gtest.h>

#include <cmath>

#include "podium/optim/optim.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/tree_program.h"

/// Methods of many tasks or clients, and those that treat parts of a tensor differently, against plain C++.
namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

constexpr double META_RATE = 0.1;
constexpr int META_STEPS = 24;

using Numbers = std::vector<double>;
constexpr std::array<double, 6> STARTS{0.5, 1.5, 2.5, 3.5, 4.5, 5.5};

HostTree tree_of_rows(const Numbers& numbers, std::int64_t columns, const std::string& path) {
    return TreeBuilder<HostArray>()
        .add(path, HostArray::of<double>({static_cast<std::int64_t>(numbers.size()) / columns, columns}, numbers))
        .build();
}

/// The loss of plain tests: the sum of (x - target)^4 / 4 + (x - target)^2, targets being 0, 1, 2, …
Tensor quartic(const Tree& parameters) {
    const Tensor& x = parameters.leaves()[0];
    const Tensor away = x - reshape(arange(x.shape().count(), x.type()), x.dims());
    return sum(square(square(away)) / 4.0 + square(away));
}
double slope(double x, std::size_t i) {
    const double away = x - static_cast<double>(i);
    return away * away * away + 2.0 * away;
}
double curvature(double x, std::size_t i) {
    const double away = x - static_cast<double>(i);
    return 3.0 * away * away + 2.0;
}

/// Returns the parameters after each step on given gradients or, without them, on the quartic's.
std::vector<Numbers> path_of_rows(const GradientTransform& transform, std::int64_t columns,
                                  const std::vector<Numbers>& gradients = {}, const std::string& path = "w") {
    const auto backend = make_interp_backend();
    HostTree now = tree_of_rows({STARTS.begin(), STARTS.end()}, columns, path);
    HostTree state = TreeProgram(*backend, {now}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{transform.init(trees[0])};
    })({now})[0];
    const TreeProgram step(*backend, {now, state, now}, [&](const std::vector<Tree>& trees) {
        const Tree gradient = gradients.empty() ? grad(quartic)(trees[2]) : trees[0];
        const auto [updates, next] = transform.update(gradient, trees[1], trees[2], {.function = quartic});
        return std::vector<Tree>{apply_updates(trees[2], updates), next};
    });
    std::vector<Numbers> all;
    for (std::size_t t = 0; t < (gradients.empty() ? META_STEPS : gradients.size()); ++t) {
        auto results = step({gradients.empty() ? now : tree_of_rows(gradients[t], columns, path), state, now});
        now = std::move(results[0]);
        state = std::move(results[1]);
        all.emplace_back();
        for (std::int64_t i = 0; i < now.leaves()[0].count(); ++i) all.back().push_back(now.leaves()[0].as_double(i));
    }
    return all;
}

void expect_rows(const std::vector<Numbers>& found, const std::vector<Numbers>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t t = 0; t < found.size(); ++t)
        for (std::size_t i = 0; i < STARTS.size(); ++i)
            ASSERT_NEAR(found[t][i], expected[t][i], 1e-10) << "element " << i << " in step " << t + 1;
}

TEST(MetaLearning, FedproxStaysNearTheGlobalParameters) {
    for (const int every : {0, 7}) {
        Numbers now(STARTS.begin(), STARTS.end()), global = now;
        std::vector<Numbers> expected;
        for (int t = 0; t < META_STEPS; ++t) {
            if (every > 0 && t % every == 0) global = now;
            for (std::size_t i = 0; i < now.size(); ++i)
                now[i] -= 0.05 * (slope(now[i], i) + 0.5 * (now[i] - global[i]));
            expected.push_back(now);
        }
        expect_rows(path_of_rows(fedprox(0.05, {.mu = 0.5, .every = every}), 2), expected);
    }
}

TEST(MetaLearning, ReptileIsAlgorithm1) {
    Numbers start(STARTS.begin(), STARTS.end());
    std::vector<Numbers> expected;
    for (int task = 0; task < META_STEPS / 4; ++task) {
        Numbers now = start;
        for (int step = 0; step < 4; ++step) {
            for (std::size_t i = 0; i < now.size(); ++i) now[i] -= 0.05 * slope(now[i], i);
            if (step < 3) expected.push_back(now);
        }
        for (std::size_t i = 0; i < now.size(); ++i) start[i] += 0.3 * (now[i] - start[i]);
        expected.push_back(start);
    }
    expect_rows(path_of_rows(reptile(0.05, {.every = 4, .step = 0.3}), 2), expected);
}

TEST(MetaLearning, MetasgdIsAlgorithm1) {
    Numbers now(STARTS.begin(), STARTS.end()), rates(now.size(), 0.02);
    std::vector<Numbers> expected;
    for (int t = 0; t < META_STEPS; ++t) {
        for (std::size_t i = 0; i < now.size(); ++i) {
            const double g = slope(now[i], i), tested = slope(now[i] - rates[i] * g, i);
            const double of_start = tested * (1.0 - rates[i] * curvature(now[i], i)), of_rate = -tested * g;
            now[i] -= META_RATE * of_start;
            rates[i] -= META_RATE * of_rate;
        }
        expected.push_back(now);
    }
    expect_rows(path_of_rows(metasgd(META_RATE, {.first_rate = 0.02}), 2), expected);
}

std::vector<Numbers> all_gradients() {
    std::vector<Numbers> all;
    for (int t = 1; t <= META_STEPS; ++t) {
        all.emplace_back();
        for (int i = 0; i < 6; ++i) all.back().push_back(std::sin(0.7 * t + i));
    }
    return all;
}

TEST(MetaLearning, AdamMiniHasOneSecondMomentABlock) {
    // Blocks of a matrix are its columns, of a table of embeddings its rows.
    for (const bool is_table : {false, true}) {
        Numbers now(STARTS.begin(), STARTS.end()), m(6, 0.0), v(6, 0.0);
        std::vector<Numbers> expected;
        const auto gradients = all_gradients();
        for (std::size_t t = 1; t <= gradients.size(); ++t) {
            const Numbers& g = gradients[t - 1];
            const auto correction = [t](double beta) { return 1.0 - std::pow(beta, static_cast<double>(t)); };
            for (std::size_t i = 0; i < 6; ++i) {
                double squares = 0.0;
                int members = 0;
                for (std::size_t j = 0; j < 6; ++j)
                    if (is_table ? i / 2 == j / 2 : i % 2 == j % 2) {
                        squares += g[j] * g[j];
                        ++members;
                    }
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + 0.001 * squares / members;
                now[i] -=
                    META_RATE * (m[i] / correction(0.9) / (std::sqrt(v[i] / correction(0.999)) + 1e-8) + 0.1 * now[i]);
            }
            expected.push_back(now);
        }
        expect_rows(path_of_rows(adam_mini(META_RATE, {.weight_decay = 0.1}), 2, gradients,
                                 is_table ? "wte.weight" : "h.0.weight"),
                    expected);
    }
}

TEST(MetaLearning, SparseAdamMovesRowsThatHaveGradients) {
    // What torch 2.15 gives: SparseAdam([p], lr=0.1) with gradients sin(0.7 t + 2 row + column) of these rows alone.
    const std::vector<std::vector<std::size_t>> rows{{0}, {2}, {0, 1}, {1}, {0, 1, 2}, {2}};
    const std::vector<Numbers> expected{
        {0.4000000490870737, 1.4000000318885637, 2.5, 3.5, 4.5, 5.5},
        {0.4000000490870737, 1.4000000318885637, 2.5, 3.5, 4.574413651905425, 5.4255865195460835},
        {0.31440213923027704, 1.3398510678847455, 2.5638813352525522, 3.563881338120093, 4.574413651905425,
         5.4255865195460835},
        {0.31440213923027704, 1.3398510678847455, 2.6420002240511504, 3.636720954660348, 4.574413651905425,
         5.4255865195460835},
        {0.2687271282284991, 1.345212753717774, 2.726114689426665, 3.685897288178719, 4.563526470487508,
         5.364518189283653},
        {0.2687271282284991, 1.345212753717774, 2.726114689426665, 3.685897288178719, 4.52413511295072,
         5.299879123924766}};
    std::vector<Numbers> gradients;
    for (std::size_t t = 0; t < rows.size(); ++t) {
        gradients.emplace_back(6, 0.0);
        for (const std::size_t row : rows[t])
            for (std::size_t j = 0; j < 2; ++j)
                gradients.back()[2 * row + j] =
                    std::sin(0.7 * (static_cast<double>(t) + 1.0) + static_cast<double>(2 * row + j));
    }
    expect_rows(path_of_rows(sparse_adam(META_RATE), 2, gradients), expected);
}

}  // namespace
}  // namespace podium::optim
