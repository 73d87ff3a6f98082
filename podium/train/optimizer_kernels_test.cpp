#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "podium/exec/evaluate.h"
#include "podium/exec/jit.h"
#include "podium/exec/kernel_choice.h"
#include "podium/optim/optim.h"

namespace podium::train {
namespace {

constexpr int UPDATES = 3;

struct Updated {
    std::vector<HostArray> arrays;  ///< the parameter and its slots after the steps
    bool has_loop;
};

/// Returns what steps of an optimizer on the gradients cos(7 i) make of the parameter sin(i), i counting its elements.
Updated updated(std::string_view row, DataType type, KernelChoice choice) {
    choose_kernels(choice);
    const auto optimizer = optim::make({.name = std::string(row), .weight_decay = 0.01});
    const Tensor numbers = iota({256, 256}, 0, type) * 256.0 + iota({256, 256}, 1, type);
    const auto init = jit([&](const Tensor& at) {
        Tree parameters;
        parameters.set("weight", sin(at));
        const Tree state = optimizer.init(parameters);
        return std::pair{parameters, state};
    });
    const auto step = jit(
        [&](const std::pair<Tree, Tree>& before, const Tensor& at) {
            Tree gradient;
            gradient.set("weight", cos(at * 7.0));
            const auto loss = [](const Tree& parameters) { return mean(square(parameters["weight"])); };
            const auto [updates, state] = optimizer.update(gradient, before.second, before.first,
                                                           {.value = loss(before.first), .function = loss});
            return std::pair{optim::apply_updates(before.first, updates), state};
        },
        {.donate = {0}, .xla = {.optimization_level = 0}});
    auto pair = init(numbers);
    for (int i = 0; i < UPDATES; ++i) pair = step(std::move(pair), numbers + static_cast<double>(i));
    Updated result{.arrays = {pair.first["weight"].to_host()},
                   .has_loop = step.text().find("podium.kernel") != std::string::npos};
    for (const auto& slot : pair.second.leaves()) result.arrays.push_back(slot.to_host());
    choose_kernels(KernelChoice::MEASURED);
    return result;
}

/// Returns whether the method keeps nothing but tensors of the parameter's shape: others' updates are no loops, and
/// factorizations take long to compile.
bool is_elementwise(std::string_view row) {
    Tree parameters;
    parameters.set("weight", zeros({256, 256}));
    const auto slots = optim::make({.name = std::string(row)}).init(parameters).leaves();
    return std::ranges::all_of(slots, [&](const Tensor& slot) {
        return slot.shape().count() <= 2 || slot.dims() == parameters["weight"].dims();  // a number, or a key
    });
}

// A loop computes the same operations in the same order; XLA contracts products with sums.
TEST(OptimizerKernels, EveryRowsLoopDoesWhatItsOperationsDo) {
    std::set<std::string> loops;
    for (const auto& row : optim::optimizers())
        for (const auto type : {DataType::FLOAT32, DataType::FLOAT64}) {
            if (!is_elementwise(row.name)) continue;
            const std::string name(row.name);
            const auto podium = updated(row.name, type, KernelChoice::PODIUM);
            if (!podium.has_loop) continue;
            loops.insert(name);
            const auto xla = updated(row.name, type, KernelChoice::XLA);
            EXPECT_FALSE(xla.has_loop);
            ASSERT_EQ(podium.arrays.size(), xla.arrays.size());
            const double tolerance = type == DataType::FLOAT64 ? 1e-12 : 2e-6;
            for (std::size_t i = 0; i < xla.arrays.size(); ++i)
                for (std::int64_t at = 0; at < xla.arrays[i].count(); ++at) {
                    const double expected = xla.arrays[i].as_double(at), found = podium.arrays[i].as_double(at);
                    ASSERT_NEAR(found, expected, tolerance * std::max(1.0, std::abs(expected)))
                        << name << ", array " << i << ", element " << at;
                }
        }
    for (const auto* name : {"sgd", "adam", "adamw", "adabelief", "adabound", "adadelta", "adagrad", "adamax", "adan",
                             "adopt", "amsgrad", "lion", "nadam", "radam", "rmsprop", "rprop", "sign_sgd", "yogi"})
        EXPECT_TRUE(loops.contains(name)) << name << " has no loop of its own";
}

}  // namespace
}  // namespace podium::train
