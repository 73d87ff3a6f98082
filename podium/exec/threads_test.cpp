#include <gtest/gtest.h>

#include <thread>

#include "podium/exec/backends.h"
#include "podium/exec/jit.h"

namespace podium {
namespace {

// Each test runs on both backends; ThreadSanitizer takes the ones on interp, since a plugin is not instrumented.
class Threads : public testing::TestWithParam<std::string_view> {
protected:
    static constexpr int COUNT = 4;
    /// Runs `f(i)` on threads whose tensors are born on the device of the test.
    template <class F>
    void in_threads(F f) const {
        std::vector<std::thread> threads(COUNT);
        for (int i = 0; i < COUNT; ++i)
            threads[static_cast<std::size_t>(i)] = std::thread([&, i] {
                const DeviceScope scope{Device(GetParam())};
                f(i);
            });
        for (auto& thread : threads) thread.join();
    }
    const DeviceScope scope_{Device(GetParam())};
};

TEST_P(Threads, CallOneJittedFunction) {
    const auto f = jit([](const Tensor& x, int power) {
        Tensor y = x;
        for (int i = 1; i < power; ++i) y = y * x;
        return y;
    });
    std::array<HostArray, COUNT> results;
    in_threads([&](int i) {
        for (int repeat = 0; repeat < 10; ++repeat)
            results[static_cast<std::size_t>(i)] = f(tensor<float>({2, static_cast<float>(i)}), 1 + i % 2).to_host();
    });
    for (int i = 0; i < COUNT; ++i) {
        const auto x = static_cast<float>(i);
        EXPECT_EQ(results[static_cast<std::size_t>(i)],
                  i % 2 == 0 ? HostArray::of<float>({2}, {2, x}) : HostArray::of<float>({2}, {4, x * x}));
    }
    EXPECT_EQ(f.stats().traces, 2) << "one program for each signature";
}

TEST_P(Threads, CompileAnEqualProgramOnce) {
    const auto before = compile_stats();
    std::array<Tensor, COUNT> made;
    for (auto& tensor : made) tensor = log1p(ones({3, 5, 7}) * 2.5) - 1.5;
    in_threads([&](int i) { made[static_cast<std::size_t>(i)].to_host(); });
    EXPECT_EQ(compile_stats().compiled - before.compiled, 1);
    EXPECT_EQ(compile_stats().reused - before.reused, COUNT - 1);
}

TEST_P(Threads, EvaluateASharedNodeOnce) {
    const Tensor shared = tanh(ones({16}) * 0.5);
    const auto before = compile_stats();
    in_threads([&](int) { shared.to_host(); });
    EXPECT_EQ(compile_stats().compiled + compile_stats().reused - before.compiled - before.reused, 1);
}

TEST_P(Threads, RecordOnSharedTensorsWhileOthersReadThem) {
    const Tensor shared = ones({4}) * 2.0;
    std::array<double, COUNT> sums{};
    in_threads([&](int i) {
        for (int repeat = 0; repeat < 10; ++repeat) {
            const Tensor mine = sum(shared * static_cast<float>(i + 1));
            sums[static_cast<std::size_t>(i)] = mine.item<float>();
            shared.to_host();
        }
    });
    for (int i = 0; i < COUNT; ++i) EXPECT_EQ(sums[static_cast<std::size_t>(i)], 8.0 * (i + 1));
}

TEST_P(Threads, TakeGradientsOfSharedTensors) {
    const Tensor x = full({4}, 0.5) * 2.0;
    std::array<HostArray, COUNT> gradients;
    in_threads([&](int i) {
        const auto f = [i](const Tensor& v) { return sum(square(v) * static_cast<float>(i)); };
        gradients[static_cast<std::size_t>(i)] = grad(f)(x).to_host();
    });
    for (int i = 0; i < COUNT; ++i) EXPECT_EQ(gradients[static_cast<std::size_t>(i)].as_double(3), 2.0 * i);
}

INSTANTIATE_TEST_SUITE_P(On, Threads, testing::Values("cpu", "interp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace podium
