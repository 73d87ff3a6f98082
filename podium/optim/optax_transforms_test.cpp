#include <gtest/gtest.h>

#include <limits>

#include "podium/base/expect_error.h"
#include "podium/optim/optim.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/testing.h"
#include "tests/support/interpreted.h"
#include "tests/support/jax.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

constexpr int TRANSFORM_STEPS = 24;

/// A transform, and how optax spells it. `bias` is the mask of paths that end so; `broken` gradients have NaN and
/// infinity in some steps.
struct TransformCase {
    const char* name;
    GradientTransform transform;
    const char* optax;
    bool broken = false;
};

std::vector<TransformCase> transform_cases() {
    const Mask bias = matching({"**.bias"});
    const auto odd = [](const Tensor& step) { return equal(remainder(step, 3), 1); };
    return {
        {"clip_by_block_rms", clip_by_block_rms(0.5), "optax.clip_by_block_rms(0.5)"},
        {"adaptive_grad_clip", adaptive_grad_clip(0.3, 0.1), "optax.adaptive_grad_clip(0.3, 0.1)"},
        {"centralize", centralize(), "optax.centralize()"},
        {"normalize_by_update_norm", normalize_by_update_norm(2.0), "optax.normalize_by_update_norm(2.0)"},
        {"scale_by_param_block_norm", scale_by_param_block_norm(0.7), "optax.scale_by_param_block_norm(0.7)"},
        {"scale_by_param_block_rms", scale_by_param_block_rms(0.7), "optax.scale_by_param_block_rms(0.7)"},
        {"keep_params_nonnegative", chain(sgd(0.3), keep_params_nonnegative()),
         "optax.chain(optax.sgd(0.3), optax.keep_params_nonnegative())"},
        {"zero_nans", chain(zero_nans(), clip(2.0), sgd(0.1, {.momentum = 0.5})),
         "optax.chain(optax.zero_nans(), optax.clip(2.0), optax.sgd(0.1, 0.5))", true},
        {"ema", ema(0.9), "optax.ema(0.9)"},
        {"biased_ema", ema(0.9, false), "optax.ema(0.9, debias=False)"},
        {"apply_every", apply_every(4), "optax.apply_every(4)"},
        {"add_noise", add_noise(0.3, 0.55, 17), "optax.add_noise(0.3, 0.55, 17)"},
        {"apply_if_finite", apply_if_finite(adam(0.1), 2), "optax.apply_if_finite(optax.adam(0.1), 2)", true},
        {"skip_not_finite", skip_updates(adam(0.1), skip_not_finite),
         "optax.MultiSteps(optax.adam(0.1), 1, should_skip_update_fn=optax.skip_not_finite)", true},
        {"skip_large_updates", skip_updates(multi_steps(adam(0.1), 3), skip_large_updates(9.0)),
         "optax.MultiSteps(optax.adam(0.1), 3, accumulator_dtype='float64', should_skip_update_fn="
         "lambda u, s, p: optax.skip_large_updates(u, s, p, 9.0))"},
        {"conditionally_transform", conditionally_transform(adam(0.1), odd),
         "optax.conditionally_transform(optax.adam(0.1), lambda step: step % 3 == 1)"},
        {"conditionally_mask", conditionally_mask(adam(0.1), odd),
         "optax.conditionally_mask(optax.adam(0.1), lambda step: step % 3 == 1)"},
        {"masked", masked(adam(0.1), bias), "optax.masked(optax.adam(0.1), bias)"},
        {"freeze", freeze(bias), "optax.freeze(bias)"},
        {"selective_transform", selective_transform(chain(clip_by_global_norm(1.0), adam(0.1)), bias),
         "optax.selective_transform(optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.1)), freeze_mask=bias)"},
        {"partition",
         partition(
             {{"biases", bias, sgd(0.1, {.momentum = 0.9})}, {"rest", {}, chain(clip_by_global_norm(1.0), adam(0.1))}}),
         "optax.partition({True: optax.sgd(0.1, 0.9), False: optax.chain(optax.clip_by_global_norm(1.0), "
         "optax.adam(0.1))}, bias)"},
        {"lookahead", lookahead(adam(0.1), {.every = 5, .step = 0.3}), "optax.lookahead(optax.adam(0.1), 5, 0.3)"},
        {"lookahead_reset", lookahead(sgd(0.1, {.momentum = 0.9}), {.every = 5, .reset_state = true}),
         "optax.lookahead(optax.sgd(0.1, 0.9), 5, 0.5, reset_state=True)"},
        {"lookahead_ranger", ranger(0.1, {.weight_decay = 0.1}),
         "optax.lookahead(optax.chain(optax.scale_by_radam(0.95, eps=1e-5), optax.add_decayed_weights(0.1), "
         "optax.scale(-0.1)), 6, 0.5)"},
        {"mechanize", mechanize(adam(1.0)), "optax.contrib.mechanize(optax.adam(1.0))"},
        {"mechanize_sgd", mechanize(sgd(0.1), {.weight_decay = 0.2, .initial_scale = 1e-2, .decays = 3}),
         "optax.contrib.mechanize(optax.sgd(0.1), 0.2, s_init=1e-2, num_betas=3)"},
    };
}

/// Returns the gradients of all steps, stacked; `broken` in steps 3, 8 to 11 and 15.
Tree gradients_of(const Tree& parameters, bool broken) {
    TreeBuilder<Tensor> stacked;
    int seed = 20;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Dims dims = parameters.leaves()[i].dims();
        dims.insert(dims.begin(), TRANSFORM_STEPS);
        HostArray all = test::interpreted({test::sample(dims, seed++) * 1.7})[0];
        const auto size = all.count() / TRANSFORM_STEPS;
        if (broken && i == 1)
            for (const std::int64_t step : {3, 8, 9, 10, 11, 15})
                all.mutable_span<double>()[static_cast<std::size_t>(step * size + 1)] =
                    step == 15 ? HUGE_VAL : std::numeric_limits<double>::quiet_NaN();
        stacked.add(parameters.path(i), tensor(all));
    }
    return stacked.build();
}

constexpr auto* TRANSFORM_SCRIPT = R"(
bias = {k[11:]: k.endswith('.bias') for k in given if k.startswith('parameters.')}

def case(name, optimizer, which):
    parameters = {k[11:]: v for k, v in given.items() if k.startswith('parameters.')}
    gradients = {k[len(which) + 1:]: v for k, v in given.items() if k.startswith(which + '.')}
    ahead = name.startswith('lookahead')
    if ahead:
        parameters = optax.LookaheadParams.init_synced(parameters)
    state, all, update = optimizer.init(parameters), [], jax.jit(optimizer.update)
    for step in range(24):
        updates, state = update({k: v[step] for k, v in gradients.items()}, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        all.append(updates.fast if ahead else updates)
    for k in gradients:
        out[f'{name}.{k}'] = np.stack([u[k] for u in all])
)";

TEST(OptaxTransforms, UpdatesAreOptaxs) {
    const auto cases = transform_cases();
    const Tree parameters = TreeBuilder<Tensor>()
                                .add("a.bias", test::sample({4}))
                                .add("a.kernel", test::sample({2, 3, 2}, 1))
                                .add("a.weight", test::sample({3, 4}, 2))
                                .add("scale", test::sample({}, 3))
                                .build();
    const Tree whole = gradients_of(parameters, false), broken = gradients_of(parameters, true);
    std::string script = TRANSFORM_SCRIPT;
    for (const auto& each : cases)
        script += fmt::format("case('{}', {}, '{}')\n", each.name, each.optax, each.broken ? "broken" : "whole");
    const auto expected = test::jax_results(
        script, TreeBuilder<Tensor>().add("parameters", parameters).add("whole", whole).add("broken", broken).build());

    const auto host = [](const Tree& tree) { return test::HostTree(tree.paths(), test::interpreted(tree.leaves())); };
    const auto interpreter = make_interp_backend();
    for (Backend* const backend : {interpreter.get(), static_cast<Backend*>(&test_backend())})
        for (const auto& each : cases) {
            SCOPED_TRACE(fmt::format("{} {}", backend->name(), each.name));
            const test::HostTree stacked = host(each.broken ? broken : whole);
            test::HostTree now = host(parameters), state = host(each.transform.init(parameters));
            if (backend != interpreter.get() && state.empty()) continue;  // elementwise operations, proven elsewhere
            const auto at = [&](int step) {
                return stacked.map([&](const HostArray& all) {
                    Shape shape(all.type(), Dims(all.shape().dims.begin() + 1, all.shape().dims.end()));
                    const auto offset = static_cast<std::size_t>(step) * shape.size_bytes();
                    return HostArray(std::move(shape), all.data() + offset, all.owner());
                });
            };
            const test::TreeProgram program(*backend, {at(0), state, now}, [&](const std::vector<Tree>& trees) {
                const auto [updates, next] = each.transform.update(trees[0], trees[1], trees[2]);
                return std::vector<Tree>{apply_updates(trees[2], updates), updates, next};
            });
            for (int step = 0; step < TRANSFORM_STEPS; ++step) {
                auto results = program({at(step), state, now});
                for (std::size_t i = 0; i < results[1].size(); ++i) {
                    const HostArray &ours = results[1].leaves()[i],
                                    &all = expected[join_path(each.name, results[1].path(i))];
                    for (std::int64_t j = 0; j < ours.count(); ++j) {
                        const double theirs = all.as_double(step * ours.count() + j), found = ours.as_double(j);
                        if (std::isnan(theirs) && std::isnan(found)) continue;
                        ASSERT_NEAR(found, theirs, 1e-9 * std::max(1.0, std::abs(theirs)))
                            << results[1].path(i) << " in step " << step;
                    }
                }
                now = std::move(results[0]);
                state = std::move(results[2]);
            }
        }
}

TEST(OptaxTransforms, AStepKeepsPathsTypesAndShapesOfEveryState) {
    for (const auto type : {DataType::BFLOAT16, DataType::FLOAT32, DataType::FLOAT64})
        for (const auto& each : transform_cases()) {
            SCOPED_TRACE(fmt::format("{} {}", each.name, name(type)));
            const Tree parameters =
                TreeBuilder<Tensor>().add("a.bias", ones({3}, type)).add("b", full({2, 3}, 2.0, type)).build();
            const Tree state = each.transform.init(parameters);
            const auto [updates, next] = each.transform.update(parameters, state, parameters);
            ASSERT_EQ(next.paths()->names(), state.paths()->names());
            for (std::size_t i = 0; i < state.size(); ++i)
                EXPECT_EQ(to_string(next.leaves()[i].shape()), to_string(state.leaves()[i].shape())) << state.path(i);
            for (std::size_t i = 0; i < updates.size(); ++i)
                EXPECT_EQ(to_string(updates.leaves()[i].shape()), to_string(parameters.leaves()[i].shape()));
        }
}

}  // namespace
}  // namespace podium::optim
