#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/optim/optim.h"
#include "podium/runtime/interp/interp_backend.h"
#include "podium/runtime/pjrt/testing.h"
#include "podium/transform/transform.h"
#include "tests/support/tree_program.h"

namespace podium::optim {
namespace {

using test::HostTree;
using test::TreeProgram;

constexpr int FREEZE_STEP = 10, ONEBIT_STEPS = 40;
constexpr double ONEBIT_RATE = 0.02, ONEBIT_DECAY = 0.1, BETA1 = 0.9, BETA2 = 0.99, EPSILON = 1e-8;
constexpr std::size_t LAYERS = 2, COUNT = 6;

using Layer = std::array<double, COUNT>;

double gradient_of(std::size_t layer, std::size_t i, int t) {
    if (layer == 1 && i == 4 && t <= FREEZE_STEP) return 0.0;  // no gradient before the freeze
    return std::sin(1.3 * static_cast<double>(i + 7 * layer) + 0.4 * t) + 0.2;
}
double start_of(std::size_t layer, std::size_t i) { return std::cos(0.9 * static_cast<double>(i + 5 * layer)); }

/// One layer of DeepSpeed's algorithm in plain C++, as one of several workers compresses its momentum.
class PlainOnebitAdam {
public:
    void step(Layer& now, const Layer& g, int t) {
        for (std::size_t i = 0; i < COUNT; ++i) {
            m_[i] = BETA1 * m_[i] + (1.0 - BETA1) * g[i];
            if (t <= FREEZE_STEP) v_[i] = BETA2 * v_[i] + (1.0 - BETA2) * g[i] * g[i];
        }
        if (t > FREEZE_STEP) {
            double squares = 0.0;
            for (std::size_t i = 0; i < COUNT; ++i) squares += (m_[i] + error_[i]) * (m_[i] + error_[i]);
            const double magnitude = std::sqrt(squares / static_cast<double>(COUNT));
            for (std::size_t i = 0; i < COUNT; ++i) {
                const double whole = m_[i] + error_[i];
                m_[i] = v_[i] == 0.0 ? 0.0 : whole < 0.0 ? -magnitude : magnitude;
                error_[i] = v_[i] == 0.0 ? 0.0 : whole - m_[i];
            }
        }
        for (std::size_t i = 0; i < COUNT; ++i)
            now[i] -= ONEBIT_RATE * (m_[i] / (std::sqrt(v_[i]) + EPSILON) + ONEBIT_DECAY * now[i]);
    }

private:
    Layer m_{}, v_{}, error_{};
};

HostTree host_of(const std::array<Layer, LAYERS>& layers) {
    std::vector<double> all;
    for (const auto& layer : layers) all.insert(all.end(), layer.begin(), layer.end());
    return TreeBuilder<HostArray>().add("h.*.w", HostArray::of<double>({LAYERS, 2, 3}, all)).build();
}

TEST(OnebitAdam, IsDeepSpeedsLayerByLayer) {
    const auto transform = onebit_adam(
        ONEBIT_RATE, {.beta1 = BETA1, .beta2 = BETA2, .freeze_step = FREEZE_STEP, .weight_decay = ONEBIT_DECAY});
    std::array<Layer, LAYERS> expected{}, gradients{};
    for (std::size_t l = 0; l < LAYERS; ++l)
        for (std::size_t i = 0; i < COUNT; ++i) expected[l][i] = start_of(l, i);
    const auto interpreter = make_interp_backend();
    HostTree now = host_of(expected);
    HostTree state = TreeProgram(*interpreter, {now}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{transform.init(trees[0])};
    })({now})[0];
    for (Backend* const backend : {interpreter.get(), static_cast<Backend*>(&test_backend())}) {
        SCOPED_TRACE(backend->name());
        HostTree at = now, slots = state;
        auto plain = expected;
        std::array<PlainOnebitAdam, LAYERS> methods{};
        const TreeProgram step(*backend, {now, state, now}, [&](const std::vector<Tree>& trees) {
            const auto [updates, next] = transform.update(trees[0], trees[1], trees[2]);
            return std::vector<Tree>{apply_updates(trees[2], updates), next};
        });
        for (int t = 1; t <= ONEBIT_STEPS; ++t) {
            for (std::size_t l = 0; l < LAYERS; ++l) {
                for (std::size_t i = 0; i < COUNT; ++i) gradients[l][i] = gradient_of(l, i, t);
                methods[l].step(plain[l], gradients[l], t);
            }
            auto results = step({host_of(gradients), slots, at});
            at = std::move(results[0]);
            slots = std::move(results[1]);
            for (std::size_t j = 0; j < LAYERS * COUNT; ++j)
                ASSERT_NEAR(at["h.*.w"].as_double(static_cast<std::int64_t>(j)), plain[j / COUNT][j % COUNT], 1e-12)
                    << "element " << j << " in step " << t;
        }
    }
}

/// Returns the loss that linear regression on 64 samples comes to.
double regression_loss(const GradientTransform& transform, int steps) {
    const auto loss = [](const Tree& p) {
        const Tensor x = reshape(sin(1.7 * arange(512, DataType::FLOAT32)), {64, 8});
        const Tensor truth = reshape(cos(0.8 * arange(24, DataType::FLOAT32)), {8, 3});
        return mean(square(matmul(x, p["w"]) + p["b"] - matmul(x, truth) - 0.5));
    };
    const auto backend = make_interp_backend();
    HostTree now = TreeBuilder<HostArray>()
                       .add("w", HostArray::of<float>({8, 3}, std::vector<float>(24, 0.0F)))
                       .add("b", HostArray::of<float>({3}, std::vector<float>(3, 0.0F)))
                       .build();
    HostTree state = TreeProgram(*backend, {now}, [&](const std::vector<Tree>& trees) {
        return std::vector<Tree>{transform.init(trees[0])};
    })({now})[0];
    const TreeProgram step(*backend, {now, state}, [&](const std::vector<Tree>& trees) {
        const auto [value, gradient] = value_and_grad(loss)(trees[0]);
        const auto [updates, next] = transform.update(gradient, trees[1], trees[0]);
        return std::vector<Tree>{apply_updates(trees[0], updates), next,
                                 TreeBuilder<Tensor>().add("loss", value).build()};
    });
    double last = 0.0;
    for (int t = 0; t < steps; ++t) {
        auto results = step({now, state});
        now = std::move(results[0]);
        state = std::move(results[1]);
        last = results[2]["loss"].as_double(0);
    }
    return last;
}

TEST(OnebitAdam, ConvergesInBothStages) {
    const Schedule rate = linear(0.02, 0.0, 600);
    const double before = regression_loss(onebit_adam(rate, {.freeze_step = 600}), 1);
    const double whole = regression_loss(onebit_adam(rate, {.freeze_step = 600}), 600);
    const double compressed = regression_loss(onebit_adam(rate, {.freeze_step = 100}), 600);
    EXPECT_GT(before, 0.3);
    EXPECT_LT(whole, 1e-4);
    EXPECT_LT(compressed, 1e-2);
}

TEST(OnebitAdam, ANegativeStepIsRefused) {
    expect_error(Code::INVALID_ARGUMENT, "scale_by_onebit_adam: freezes after -1 updates",
                 [] { onebit_adam(0.1, {.freeze_step = -1}); });
}

}  // namespace
}  // namespace podium::optim
