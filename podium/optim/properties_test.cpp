#include <gtest/gtest.h>

#include <map>

#include "podium/base/expect_error.h"
#include "podium/optim/injected_rate.h"
#include "podium/optim/metasgd.h"
#include "podium/optim/optimizers.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/transform/transform.h"
#include "tests/support/interpreted.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

/// Returns the squared distance from 0, 0.2, … 1 and 0.3, which is 3.18 where all parameters are one. On the way there
/// no parameter's norm is zero, where methods with trust ratios stand still.
Tensor bowl(const Tree& parameters) {
    const Tensor& weight = parameters["h.weight"];
    const Tensor target = 0.2 * reshape(arange(6, weight.type()), {2, 3});
    return sum(square(weight - target)) + sum(square(parameters["h.bias"] - 0.3));
}

/// Returns a learning rate by which the method reaches the bowl's bottom in 400 steps. kfac's is for a hundredth of it
/// in parameters of no product, which the bowl's are.
double rate_of(std::string_view name) {
    static const std::map<std::string_view, double> RATES{
        {"adadelta", 20.0}, {"cocob", 1.0},   {"dadapt_adamw", 1.0},
        {"dog", 1.0},       {"dowg", 1.0},    {"kfac", 5.0},
        {"lars", 1.0},      {"momo", 1.0},    {"polyak_sgd", 1.0},
        {"prodigy", 1.0},   {"adagrad", 0.3}, {"madgrad", 0.1},
        {"fromage", 0.01},  {"lion", 0.01},   {"sign_sgd", 0.01},
        {"signum", 0.01},   {"sophia", 0.01}, {"simplified_ademamix", 0.005}};
    const auto found = RATES.find(name);
    return found == RATES.end() ? 0.05 : found->second;
}

StepLoss bowl_loss(const Tree& parameters) { return {.value = bowl(parameters), .function = bowl}; }

class EveryRow : public ::testing::TestWithParam<OptimizerRow> {
protected:
    GradientTransform made(std::int64_t accumulate = 1) const {
        OptimizerOptions options{
            .name = std::string(GetParam().name), .learning_rate = rate_of(GetParam().name), .accumulate = accumulate};
        if (options.name == "simplified_ademamix") options.beta1 = 0.9;  // its own oscillates for long
        return make(options);
    }
};

TEST_P(EveryRow, ReachesTheOptimum) {
    const auto optimizer = made();
    const auto backend = make_interp_backend();
    HostTree parameters = TreeBuilder<HostArray>()
                              .add("h.weight", HostArray::of<double>({2, 3}, {1, 1, 1, 1, 1, 1}))
                              .add("h.bias", HostArray::of<double>({2}, {1, 1}))
                              .build();
    HostTree state = TreeProgram(*backend, {parameters}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{optimizer.init(trees[0])};
    })({parameters})[0];
    const TreeProgram step(*backend, {parameters, state}, [&](const std::vector<Tree>& trees) {
        const Tree& now = trees[0];
        const auto [updates, next] = optimizer.update(grad(bowl)(now), trees[1], now, bowl_loss(now));
        // Meta-SGD learns where one step of its own rates begins.
        const Tree judged = GetParam().name == "metasgd" ? adapted(bowl, now, trees[1].subtree("metasgd.rate")) : now;
        const Tree loss = TreeBuilder<Tensor>().add("loss", bowl(judged)).build();
        return std::vector<Tree>{apply_updates(now, updates), next, loss};
    });
    double loss = 0.0;
    for (int i = 0; i < 400; ++i) {
        auto results = step({parameters, state});
        parameters = std::move(results[0]);
        state = std::move(results[1]);
        loss = results[2]["loss"].as_double(0);
    }
    EXPECT_LT(loss, 0.05);
}

TEST_P(EveryRow, AccumulatesGradientsIntoOneStep) {
    const Tree parameters = TreeBuilder<Tensor>().add("h.weight", ones({2, 3})).add("h.bias", full({2}, 0.5)).build();
    const Tree gradients = grad(bowl)(parameters);
    const StepLoss loss = bowl_loss(parameters);
    const auto once = made(), accumulating = made(2);
    const auto expected = once.update(gradients, once.init(parameters), parameters, loss);
    const auto first = accumulating.update(gradients, accumulating.init(parameters), parameters, loss);
    const auto second = accumulating.update(gradients, first.second, parameters, loss);
    const Tensor moved = sum(abs(first.first["h.weight"])) + sum(abs(first.first["h.bias"]));
    EXPECT_EQ(test::interpreted({moved})[0].as_double(0), 0.0);
    EXPECT_EQ(test::interpreted(second.first.leaves()), test::interpreted(expected.first.leaves()));
    const Tree inner = second.second.subtree("inner");
    for (const auto& path : expected.second.paths()->names())
        EXPECT_EQ(test::interpreted({inner[path]}), test::interpreted({expected.second[path]})) << path;
}

TEST_P(EveryRow, TakesALearningRateFromItsState) {
    const Tree parameters = TreeBuilder<Tensor>().add("h.weight", ones({2, 3})).add("h.bias", full({2}, 0.5)).build();
    const Tree gradients = grad(bowl)(parameters);
    const auto with_rate = [&](const Schedule& rate) {
        return GetParam().make(rate, {.name = std::string(GetParam().name)});
    };
    const auto injected = injected_rate(rate_of(GetParam().name), with_rate);
    if (GetParam().name == "polyak_sgd" || GetParam().name == "rprop") {  // their rate bounds steps of their own
        expect_error(Code::INVALID_ARGUMENT, "takes no schedule", [&] { injected.init(parameters); });
        return;
    }
    Tree state = injected.init(parameters);
    state["learning_rate"] = full({}, 0.25);
    const auto expected_method = with_rate(0.25);
    Tree expected_state = expected_method.init(parameters);
    for (int step = 0; step < 2; ++step) {
        const auto found = injected.update(gradients, state, parameters, bowl_loss(parameters));
        const auto expected = expected_method.update(gradients, expected_state, parameters, bowl_loss(parameters));
        for (const auto& path : parameters.paths()->names()) {
            const auto arrays = test::interpreted({found.first[path], expected.first[path]});
            EXPECT_LE(test::relative_difference(arrays[0], arrays[1]), 1e-6) << path;
        }
        state = found.second;
        expected_state = expected.second;
    }
    EXPECT_EQ(test::interpreted({state["learning_rate"]})[0].as_double(0), 0.25);
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryRow, ::testing::ValuesIn(optimizers().begin(), optimizers().end()),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace podium::optim
