#include "podium/train/state_placement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "podium/exec/backends.h"
#include "podium/optim/optim.h"

namespace podium::train {
namespace {

/// The states and parameters of several optimizers, by their names.
struct Many {
    std::map<std::string, Tree> states, parameters;
    static constexpr std::array names{"states", "parameters"};
};

struct Made {
    std::string name;
    optim::GradientTransform optimizer;
};

/// Returns some optimizers, or all with PODIUM_OPTAX in the environment: XLA takes long to split them over devices.
std::vector<Made> made_optimizers() {
    std::vector<Made> made;
    for (const auto& row : optim::optimizers()) {
        const bool is_some = row.name == "adamw" || row.name == "adafactor" || row.name == "schedule_free_sgd";
        if (is_some || std::getenv("PODIUM_OPTAX") != nullptr)
            made.push_back({std::string(row.name), optim::make({.name = std::string(row.name)})});
    }
    for (const auto& [type, name] : enum_names(optim::StateType()))
        if (type != optim::StateType::PARAMETER)
            made.push_back({fmt::format("lion_{}", name), optim::make({.name = "lion", .state_type = type})});
    return made;
}

Tensor loss_of(const Tree& parameters) {
    return sum(square(parameters["h.weight"] - 0.5)) + sum(square(parameters["h.bias"] - 0.5));
}

constexpr std::int64_t ROWS = 64, COLUMNS = 128;

Tree first_parameters() {
    const Tensor weight = sin(reshape(arange(ROWS * COLUMNS, DataType::FLOAT64), {ROWS, COLUMNS}));
    return TreeBuilder<Tensor>().add("h.weight", weight).add("h.bias", ones({COLUMNS}, DataType::FLOAT64)).build();
}

TEST(StatePlacement, StatesStayWhereTheirParametersAreAndOneProgramServesAllSteps) {
    const auto made = made_optimizers();
    const auto init = [&] {
        Many many;
        for (const auto& [name, optimizer] : made) {
            many.parameters[name] = first_parameters();
            many.states[name] = optimizer.init(many.parameters[name]);
        }
        return many;
    };
    const auto step = [&](const Many& before) {
        Many next;
        for (const auto& [name, optimizer] : made) {
            const Tree& now = before.parameters.at(name);
            const optim::StepLoss loss{.value = loss_of(now), .function = loss_of};
            const auto [updates, state] = optimizer.update(grad(loss_of)(now), before.states.at(name), now, loss);
            next.parameters[name] = optim::apply_updates(now, updates);
            next.states[name] = state;
        }
        return next;
    };
    const Mesh mesh({{"data", 4}, {"model", 2}}, devices("cpu"));
    const std::vector<Rule> parameter_rules{{"**.weight", {"data", "model"}}, {"**.bias", {"model"}}};
    std::vector<Rule> rules;
    {
        const TraceScope scope;
        const Many many = init();
        for (const auto& [name, state] : many.states)
            for (auto& rule : state_rules(state, many.parameters.at(name), parameter_rules)) {
                rule.pattern = fmt::format("**.{}.{}", name, rule.pattern.substr(3));
                rules.push_back(std::move(rule));
            }
    }
    rules.insert(rules.end(), parameter_rules.begin(), parameter_rules.end());
    const XlaOptions quick{.optimization_level = 0};
    const JitOptions on_mesh{.names = {"many"}, .mesh = &mesh, .shardings = rules, .xla = quick};
    Many split = jit(init, on_mesh)();
    const auto split_step = jit(step, on_mesh);
    const auto placed = [](const Many& many, const std::string& name) {
        std::vector<std::string> found;
        for (const auto& leaf : many.states.at(name).leaves())
            found.push_back(
                fmt::format("{} {}", to_string(leaf.shape()), fmt::join(buffer_of(leaf)->placement()->axes, "/")));
        return found;
    };
    const Many first = split;
    for (int i = 0; i < 2; ++i) split = split_step(split);
    EXPECT_EQ(split_step.stats().traces, 1);
    Many whole = jit(init, {.xla = quick})();
    const auto whole_step = jit(step, {.xla = quick});
    for (int i = 0; i < 2; ++i) whole = whole_step(whole);
    for (const auto& [name, optimizer] : made) {
        SCOPED_TRACE(name);
        // The gradient has two directions: other singular vectors, which Adam makes as long, are of roundings.
        const double tolerance = name == "galore" ? 1e-4 : 1e-9;
        EXPECT_EQ(placed(split, name), placed(first, name));
        const Tree& state = split.states.at(name);
        for (std::size_t i = 0; i < state.size(); ++i)
            if (state.path(i).ends_with(".h.weight") && state.leaves()[i].dims() == Dims{ROWS, COLUMNS})
                EXPECT_EQ(buffer_of(state.leaves()[i])->placement()->axes,
                          buffer_of(split.parameters.at(name)["h.weight"])->placement()->axes)
                    << state.path(i);
        for (const std::string path : {"h.weight", "h.bias"}) {
            const HostArray found = split.parameters.at(name)[path].to_host(),
                            expected = whole.parameters.at(name)[path].to_host();
            for (std::int64_t i = 0; i < found.count(); ++i)
                ASSERT_NEAR(found.as_double(i), expected.as_double(i), tolerance) << path;
        }
    }
}

TEST(StatePlacement, AnotherLearningRateNeedsNoOtherProgram) {
    const auto& row = optim::find_optimizer("adamw");
    const auto optimizer =
        optim::injected_rate(0.1, [&](const optim::Schedule& rate) { return row.make(rate, {.name = "adamw"}); });
    const Tree parameters = TreeBuilder<Tensor>().add("w", ones({4})).build();
    const auto step = jit([&](const Tree& state, const Tree& now) { return optimizer.update(now, state, now); });
    Tree state = optimizer.init(parameters);
    const double first = step(state, parameters).first["w"].to_host().as_double(0);
    state["learning_rate"] = full({}, 0.2);
    EXPECT_NEAR(step(state, parameters).first["w"].to_host().as_double(0), 2.0 * first, 1e-6);
    EXPECT_EQ(step.stats().traces, 1);
}

}  // namespace
}  // namespace podium::train
