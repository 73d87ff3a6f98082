#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "podium/base/expect_error.h"
#include "podium/optim/asgd.h"
#include "podium/optim/optimizers.h"
#include "podium/runtime/interp/interp_backend.h"
#include "tests/support/interpreted.h"
#include "tests/support/python.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

constexpr int MANUAL_STEPS = 50;
constexpr double RATE = 0.1, DECAY = 0.05, MOMENTUM = 0.9;

/// Returns the parameter before the first step, and its gradient at step t, from 1 on.
double start(int i) { return 0.5 + i; }
double gradient(int i, int t) { return std::sin(0.7 * t + i); }

HostTree tree_of(const std::function<double(int)>& f) {
    return TreeBuilder<HostArray>().add("w.x", HostArray::of<double>({3, 1}, {f(0), f(1), f(2)})).build();
}

/// Returns the three parameters after each step.
std::vector<double> path_of(const OptimizerOptions& options) {
    const auto optimizer = make(options);
    const auto backend = make_interp_backend();
    HostTree parameters = tree_of(start);
    HostTree state = TreeProgram(*backend, {parameters}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{optimizer.init(trees[0])};
    })({parameters})[0];
    const TreeProgram step(*backend, {parameters, state, parameters}, [&](const std::vector<Tree>& trees) {
        const auto [updates, next] = optimizer.update(trees[0], trees[1], trees[2]);
        return std::vector<Tree>{apply_updates(trees[2], updates), next};
    });
    std::vector<double> path;
    for (int t = 1; t <= MANUAL_STEPS; ++t) {
        auto results = step({tree_of([t](int i) { return gradient(i, t); }), state, parameters});
        parameters = std::move(results[0]);
        state = std::move(results[1]);
        for (int i = 0; i < 3; ++i) path.push_back(parameters["w.x"].as_double(i));
    }
    return path;
}

void expect_path(const std::vector<double>& found, const std::vector<double>& expected, double tolerance = 1e-9) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], tolerance) << "step " << i / 3 + 1;
}

/// What a manual says of one parameter: p and its slots m and v after step t.
struct Scalars {
    double p, m, v;
};
struct LikeCase {
    const char* name;
    OptimizerOptions options;
    std::function<Scalars(const Scalars& before, double g, int t)> manual;
};

/// Returns Keras's and ONNX's Adam after the weights' decay. Source: keras.optimizers.Adam; ONNX operators, Adam.
Scalars adam_step(const Scalars& x, double g, int t, double epsilon) {
    const double m = 0.9 * x.m + 0.1 * g, v = 0.999 * x.v + 0.001 * g * g;
    const double rate = RATE * std::sqrt(1.0 - std::pow(0.999, t)) / (1.0 - std::pow(0.9, t));
    return {x.p - rate * m / (std::sqrt(v) + epsilon), m, v};
}

std::vector<LikeCase> manuals() {
    const auto options = [](const char* name, Like like, double momentum = 0.0, bool nesterov = false) {
        return OptimizerOptions{.name = name,
                                .like = like,
                                .learning_rate = RATE,
                                .weight_decay = DECAY,
                                .momentum = momentum,
                                .nesterov = nesterov};
    };
    const auto shrunk = [](const Scalars& x) { return Scalars{x.p - RATE * DECAY * x.p, x.m, x.v}; };
    return {
        {"keras_sgd", options("sgd", Like::TENSORFLOW, MOMENTUM, true),
         [=](const Scalars& x, double g, int) {
             const double m = MOMENTUM * x.m - RATE * g;
             return Scalars{shrunk(x).p + MOMENTUM * m - RATE * g, m, 0.0};
         }},
        {"onnx_momentum", options("sgd", Like::ONNX, MOMENTUM),
         [](const Scalars& x, double g, int) {
             const double m = MOMENTUM * x.m + g + DECAY * x.p;
             return Scalars{x.p - RATE * m, m, 0.0};
         }},
        {"keras_adam", options("adam", Like::TENSORFLOW),
         [=](const Scalars& x, double g, int t) { return adam_step(shrunk(x), g, t, 1e-7); }},
        {"keras_adamw", options("adamw", Like::TENSORFLOW),
         [=](const Scalars& x, double g, int t) { return adam_step(shrunk(x), g, t, 1e-7); }},
        {"onnx_adam", options("adam", Like::ONNX),
         [](const Scalars& x, double g, int t) { return adam_step(x, g + DECAY * x.p, t, 1e-6); }},
        {"keras_rmsprop", options("rmsprop", Like::TENSORFLOW, MOMENTUM),
         [=](const Scalars& x, double g, int) {
             const double v = 0.9 * x.v + 0.1 * g * g, m = MOMENTUM * x.m + RATE * g / std::sqrt(v + 1e-7);
             return Scalars{shrunk(x).p - m, m, v};
         }},
        {"keras_adagrad", options("adagrad", Like::TENSORFLOW),
         [=](const Scalars& x, double g, int t) {
             const double v = (t == 1 ? 0.1 : x.v) + g * g;
             return Scalars{shrunk(x).p - RATE * g / std::sqrt(v + 1e-7), 0.0, v};
         }},
        {"adabound", options("adabound", Like::OPTAX),
         [](const Scalars& x, double g, int t) {
             const double all = g + DECAY * x.p, m = 0.9 * x.m + 0.1 * all, v = 0.999 * x.v + 0.001 * all * all;
             const double rate = RATE * std::sqrt(1.0 - std::pow(0.999, t)) / (1.0 - std::pow(0.9, t));
             const double low = 0.1 * (1.0 - 1.0 / (1e-3 * t + 1.0)), high = 0.1 * (1.0 + 1.0 / (1e-3 * t));
             return Scalars{x.p - std::clamp(rate / (std::sqrt(v) + 1e-8), low, high) * m, m, v};
         }},
        {"onnx_adagrad", options("adagrad", Like::ONNX),
         [](const Scalars& x, double g, int) {
             const double all = g + DECAY * x.p, v = x.v + all * all;
             return Scalars{x.p - RATE * all / (std::sqrt(v) + 1e-6), 0.0, v};
         }},
    };
}

TEST(Like, KerasAndOnnxFormsAreTheirManuals) {
    for (const auto& each : manuals()) {
        SCOPED_TRACE(each.name);
        std::array<Scalars, 3> now{{{start(0), 0, 0}, {start(1), 0, 0}, {start(2), 0, 0}}};
        std::vector<double> expected;
        for (int t = 1; t <= MANUAL_STEPS; ++t)
            for (int i = 0; i < 3; ++i) {
                auto& x = now[static_cast<std::size_t>(i)];
                x = each.manual(x, gradient(i, t), t);
                expected.push_back(x.p);
            }
        expect_path(path_of(each.options), expected);
    }
}

TEST(Like, TorchFormsAreTorchs) {
    const char* const python = std::getenv("PODIUM_TORCH_PYTHON");  // torch is not in the tests' environment: gigabytes
    if (python == nullptr) GTEST_SKIP() << "set PODIUM_TORCH_PYTHON to an interpreter that has torch";
    const auto options = [](const char* name, std::optional<double> momentum, bool nesterov = false) {
        return OptimizerOptions{.name = name,
                                .like = Like::TORCH,
                                .learning_rate = RATE,
                                .weight_decay = DECAY,
                                .momentum = momentum,
                                .nesterov = nesterov};
    };
    const std::vector<std::pair<const char*, OptimizerOptions>> cases{
        {"SGD([p], 0.1, momentum=0.9, weight_decay=0.05)", options("sgd", MOMENTUM)},
        {"SGD([p], 0.1, momentum=0.9, weight_decay=0.05, nesterov=True)", options("sgd", MOMENTUM, true)},
        {"Adam([p], 0.1, weight_decay=0.05)", options("adam", {})},
        {"AdamW([p], 0.1, weight_decay=0.05)", options("adamw", {})},
        {"AdamW([p], 0.1)", {.name = "adamw", .like = Like::TORCH, .learning_rate = RATE}},
        {"RMSprop([p], 0.1, weight_decay=0.05)", options("rmsprop", {})},
        {"RMSprop([p], 0.1, momentum=0.9, weight_decay=0.05)", options("rmsprop", MOMENTUM)},
        {"Adagrad([p], 0.1, weight_decay=0.05)", options("adagrad", {})},
        {"ASGD([p], 0.1, weight_decay=0.05)", {.name = "asgd", .learning_rate = RATE, .weight_decay = DECAY}},
    };
    constexpr auto SCRIPT = R"(
import math, os, subprocess, sys
CODE = '''
import math, sys, torch
for case in sys.argv[2:]:
    p = torch.nn.Parameter(torch.tensor([0.5, 1.5, 2.5], dtype=torch.float64))
    optimizer = eval('torch.optim.' + case)
    for t in range(1, int(sys.argv[1]) + 1):
        p.grad = torch.tensor([math.sin(0.7 * t + i) for i in range(3)], dtype=torch.float64)
        optimizer.step()
        print(*map(repr, p.tolist()))
'''
print(subprocess.run([sys.argv[1], '-c', CODE, *sys.argv[2:]], check=True, capture_output=True, text=True).stdout)
)";
    std::vector<std::string> arguments{python, std::to_string(MANUAL_STEPS)};
    for (const auto& each : cases) arguments.emplace_back(each.first);
    std::istringstream numbers(test::run_python(SCRIPT, arguments));
    for (const auto& [name, given] : cases) {
        SCOPED_TRACE(name);
        std::vector<double> expected(std::size_t{3} * MANUAL_STEPS);
        for (auto& each : expected) ASSERT_TRUE(numbers >> each);
        const bool rates_in_f32 = given.name == "asgd";  // torch keeps its learning rate so
        expect_path(path_of(given), expected, rates_in_f32 ? 1e-7 : 1e-9);
    }
}

TEST(Like, AsgdAveragesAfterItsTime) {
    const auto optimizer = asgd(RATE, {.average_after = 2.0});
    Tree parameters = TreeBuilder<Tensor>().add("w", full({}, 1.0, DataType::FLOAT64)).build();
    Tree state = optimizer.init(parameters);
    std::vector<double> seen;
    for (int t = 1; t <= 6; ++t) {
        const Tree gradients = TreeBuilder<Tensor>().add("w", full({}, gradient(0, t), DataType::FLOAT64)).build();
        const auto [updates, next] = optimizer.update(gradients, state, parameters);
        parameters = apply_updates(parameters, updates);
        state = next;
        seen.push_back(test::interpreted({parameters["w"]})[0].as_double(0));
    }
    const double average = test::interpreted({state["scale_by_asgd.average.w"]})[0].as_double(0);
    EXPECT_NEAR(average, (seen[3] + seen[4] + seen[5]) / 3.0, 1e-12);  // the first after two updates more restarts it
}

TEST(Like, AMethodOfOneFormSaysSo) {
    expect_error(Code::INVALID_ARGUMENT, "lion has one form only, and none that is like torch",
                 [] { make({.name = "lion", .like = Like::TORCH}); });
    expect_error(Code::INVALID_ARGUMENT, "none that is like onnx", [] { make({.name = "adamw", .like = Like::ONNX}); });
}

TEST(Like, StatesHaveStatedSizes) {
    const auto size = [](const char* name) { return state_size(find_optimizer(name)); };
    EXPECT_EQ(size("sgd").slots, 0);
    EXPECT_EQ(size("adamw").slots, 2);
    EXPECT_NEAR(size("adamw").bytes_per_parameter, 8.0, 1e-3);
    EXPECT_EQ(size("adafactor").slots, 2);
    EXPECT_NEAR(size("adafactor").bytes_per_parameter, 8.0 / 1024, 1e-4);
    EXPECT_EQ(size("muon").slots, 1);
}

}  // namespace
}  // namespace podium::optim
