#include "podium/optim/plateau.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/transform/loops.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"

namespace podium::optim {
namespace {

constexpr std::int64_t LOSSES = 90;

/// Losses that fall, stay, and wave.
Tensor losses() {
    std::vector<float> all;
    all.reserve(LOSSES);
    for (int i = 0; i < LOSSES; ++i)
        all.push_back(static_cast<float>(1.0 / (1 + i % 45) + 0.05 * std::sin(i) + (i > 60 ? 0.3 : 0.0)));
    return tensor(all);
}

TEST(Plateau, ScalesAreOptaxs) {
    struct Case {
        const char* name;
        PlateauOptions options;
        const char* optax;
    };
    const std::vector<Case> cases{
        {"plain", {.factor = 0.5, .patience = 4}, "factor=0.5, patience=4"},
        {"cooled",
         {.factor = 0.3, .patience = 3, .cooldown = 5, .relative = 0.02, .absolute = 0.01},
         "factor=0.3, patience=3, cooldown=5, rtol=0.02, atol=0.01"},
        {"windows",
         {.factor = 0.5, .patience = 2, .window = 5, .least = 0.2},
         "factor=0.5, patience=2, accumulation_size=5, min_scale=0.2"},
    };
    std::string script = R"(
def case(name, plateau):
    parameters = {'w': jnp.ones(1, 'float32')}
    update = lambda s, loss: plateau.update(parameters, s, value=loss)[::-1]
    out[name] = jax.lax.scan(update, plateau.init(parameters), given['losses'])[1]['w'][:, 0]
)";
    for (const auto& each : cases)
        script += fmt::format("case('{}', optax.contrib.reduce_on_plateau({}))\n", each.name, each.optax);
    const auto expected = test::jax_results(script, TreeBuilder<Tensor>().add("losses", losses()).build());
    for (const auto& [name, options, optax] : cases) {
        const auto step = [&options = options](const Tree& state, const Tensor& loss) {
            const Tree next = next_plateau(state, loss, options);
            return std::pair(next, next["scale"]);
        };
        const auto found = scan(step, initial_plateau(options), losses()).second.to_host();
        test::expect_near(found, expected[name], 1e-6, name);
        EXPECT_LT(found.as_double(LOSSES - 1), 0.5) << name;
    }
}

TEST(Plateau, NumbersThatMakeNoneAreRefused) {
    expect_error(Code::INVALID_ARGUMENT, "plateau: the factor is 1", [] { initial_plateau({.factor = 1.0}); });
    expect_error(Code::INVALID_ARGUMENT, "plateau: patience is 0",
                 [] { initial_plateau({.factor = 0.5, .patience = 0}); });
    expect_error(Code::INVALID_ARGUMENT, "plateau: relative is -1",
                 [] { initial_plateau({.factor = 0.5, .relative = -1}); });
}

}  // namespace
}  // namespace podium::optim
