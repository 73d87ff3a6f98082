#include "podium/optim/privacy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/optim/privacy_accountant.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::optim {
namespace {

TEST(Privacy, UpdatesAreOptaxs) {
    const Tree parameters =
        TreeBuilder<Tensor>().add("bias", test::sample({3})).add("weight", test::sample({2, 3})).build();
    const Tree gradients =
        TreeBuilder<Tensor>().add("bias", test::sample({5, 3}, 1)).add("weight", test::sample({5, 2, 3}, 2)).build();
    const auto expected = test::jax_results(R"(
optimizer = optax.contrib.dpsgd(0.1, 1.1, 0.7, seed=5, momentum=0.9)
state = optimizer.init({k: v[0] for k, v in given.items()})
for step in range(3):
    updates, state = optimizer.update(given, state)
    out |= {f'{step}.{k}': v for k, v in updates.items()}
)",
                                            gradients);
    const auto optimizer = dpsgd(0.1, {.max_norm = 1.1, .noise_multiplier = 0.7, .seed = 5}, 0.9);
    Tree state = optimizer.init(parameters);
    for (int step = 0; step < 3; ++step) {
        auto [updates, next] = optimizer.update(gradients, state, parameters);
        state = std::move(next);
        for (std::size_t i = 0; i < updates.size(); ++i)
            test::expect_near(test::interpreted({updates.leaves()[i]})[0],
                              expected[fmt::format("{}.{}", step, updates.path(i))], 1e-9, updates.path(i));
    }
}

TEST(Privacy, DivergencesAreTheIntegralsTheyStandFor) {
    const std::vector<std::array<double, 3>> cases{{0.01, 1.0, 1.5}, {0.01, 1.0, 2},  {0.01, 1.0, 32},
                                                   {0.1, 2.0, 4.7},  {0.5, 0.8, 3.3}, {0.3, 10.0, 20.0},
                                                   {0.004, 0.7, 3.8}};
    std::string script = "from scipy.integrate import quad\nfound = []\n";
    for (const auto& [rate, noise, order] : cases)
        script += fmt::format(R"(
q, s, a = {}, {}, {}
f = lambda z: np.exp(a * np.logaddexp(np.log1p(-q), np.log(q) + (2 * z - 1) / (2 * s * s)) - z * z / (2 * s * s))
parts = [quad(f, x, y, epsabs=0, epsrel=1e-13)[0] for x, y in [(-20 * s, 0), (0, a), (a, a + 20 * s)]]
found.append(np.log(sum(parts) / np.sqrt(2 * np.pi) / s) / (a - 1))
)",
                              rate, noise, order);
    const auto expected = test::jax_results(script + "out['all'] = np.array(found)",
                                            TreeBuilder<Tensor>().add("none", zeros({})).build());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const double theirs = expected["all"].as_double(static_cast<std::int64_t>(i));
        EXPECT_NEAR(renyi_divergence({cases[i][0], cases[i][1]}, cases[i][2]), theirs, 1e-8 * theirs + 1e-12);
    }
}

double epsilon_of(const NoisySteps& steps, double delta) {
    RdpAccountant accountant;
    accountant.add(steps);
    return accountant.epsilon(delta);
}

// Google's dp-accounting 0.6.0, whose bound for orders that are not whole is a little larger.
TEST(Privacy, EpsilonsAreThoseOfDpAccounting) {
    EXPECT_NEAR(epsilon_of({256 / 60000.0, 1.1, 14063}, 1e-5), 2.596655529521983, 1e-7);
    EXPECT_NEAR(epsilon_of({256 / 60000.0, 1.3, 3516}, 1e-5), 0.9545639531461374, 1e-9);
    EXPECT_NEAR(epsilon_of({256 / 60000.0, 0.7, 10547}, 1e-5), 6.31974800597639, 2e-3);
    EXPECT_NEAR(epsilon_of({0.01, 4.0, 10000}, 1e-6), 1.1694689236889932, 1e-9);
    EXPECT_NEAR(epsilon_of({1.0, 5.0, 10}, 1e-5), 2.8136532471298397, 1e-9);
    EXPECT_LE(epsilon_of({0.2, 1.0, 100}, 1e-3), 12.168682808421973);
    EXPECT_NEAR(epsilon_of({0.2, 1.0, 100}, 1e-3), 12.168682808421973, 0.05);
}

TEST(Privacy, StepsAddUpAndDeltaIsTheOtherWayRound) {
    RdpAccountant halves, whole;
    halves.add({0.01, 1.1, 300});
    halves.add({0.01, 1.1, 700});
    whole.add({0.01, 1.1, 1000});
    const double epsilon = whole.epsilon(1e-5);
    EXPECT_NEAR(halves.epsilon(1e-5), epsilon, 1e-12);
    EXPECT_NEAR(std::log(whole.delta(epsilon)), std::log(1e-5), 1e-9);
    EXPECT_EQ(RdpAccountant().epsilon(1e-5), 0.0);
    EXPECT_EQ(epsilon_of({0.01, 0.0, 1}, 1e-5), HUGE_VAL);
    EXPECT_EQ(epsilon_of({0.0, 1.0, 100}, 1e-5), 0.0);
    EXPECT_EQ(renyi_divergence({0.01, 1e-4}, 1.5), renyi_divergence({0.01, 1e-4}, 2.0)) << "in no time";
    EXPECT_LT(noise_multiplier_for(1e7, 1e-5, 0.5, 10), 0.01);
}

TEST(Privacy, TheNoiseForAnEpsilonIsTheLeast) {
    const double noise = noise_multiplier_for(2.0, 1e-5, 0.01, 500);
    EXPECT_LE(epsilon_of({0.01, noise, 500}, 1e-5), 2.0);
    EXPECT_GT(epsilon_of({0.01, noise - 2e-3, 500}, 1e-5), 2.0);
    expect_error(Code::INVALID_ARGUMENT, "noise_multiplier_for: no noise below 1000",
                 [] { noise_multiplier_for(1e-9, 1e-12, 1.0, 1000000); });
    expect_error(Code::INVALID_ARGUMENT, "the sampling rate is 2", [] { renyi_divergence({2.0, 1.0}, 2.0); });
    expect_error(Code::INVALID_ARGUMENT, "max_norm is 0", [] { dpsgd(0.1, {.max_norm = 0.0}); });
}

}  // namespace
}  // namespace podium::optim
