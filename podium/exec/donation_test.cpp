#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/exec/backends.h"
#include "podium/exec/jit.h"

namespace podium {
namespace {

TEST(Donation, TakesTheMemoryOfAnRvalue) {
    const auto step = jit([](const Tree& state) { return state.map([](const Tensor& x) { return x + 1.0; }); },
                          {.name = "step", .names = {"state"}, .donate = {0}});
    Tree state;
    state.set("a", tensor<float>({1, 2}));
    const Tensor other = state["a"];
    state = step(std::move(state));
    EXPECT_EQ(state["a"].to_host(), HostArray::of<float>({2}, {2, 3}));
    expect_error(Code::DONATED, "\"step\"", [&] { other.to_host(); });
    expect_error(Code::DONATED, "donated", [&] { tanh(other); });
    Tree again;
    again.set("a", other);
    expect_error(Code::DONATED, "donated", [&] { step(again); });
}

TEST(Donation, LeavesAnLvalueAlone) {
    const auto step = jit([](const Tensor& x) { return x + 1.0; }, {.donate = {0}});
    const Tensor x = tensor<float>({1, 2});
    EXPECT_EQ(step(x).to_host(), HostArray::of<float>({2}, {2, 3}));
    EXPECT_EQ(x.to_host(), HostArray::of<float>({2}, {1, 2}));
    Tensor y = x;
    EXPECT_EQ(step(std::move(y)).to_host(), HostArray::of<float>({2}, {2, 3}));
    expect_error(Code::DONATED, "donated", [&] { x.to_host(); });
}

TEST(Donation, OfOneTensorTwiceInACallThrowsAndKeepsIt) {
    const auto add_both =
        jit([](const Tensor& x, const Tensor& y) { return std::pair(x + y, x - y); }, {.donate = {0, 1}});
    const Tensor x = tensor<float>({1, 2});
    expect_error(Code::DONATED, "twice", [&] { add_both(Tensor(x), Tensor(x)); });
    EXPECT_EQ(x.to_host(), HostArray::of<float>({2}, {1, 2}));
    const auto one = jit([](const Tensor& x, const Tensor& y) { return x + y; }, {.donate = {0}});
    expect_error(Code::DONATED, "another argument", [&] { one(Tensor(x), x); });
    EXPECT_EQ(x.to_host(), HostArray::of<float>({2}, {1, 2}));
}

TEST(Donation, OfARecordingThatOthersStillNeedIsNoticed) {
    const auto step = jit([](const Tensor& x) { return x + 1.0; }, {.donate = {0}});
    Tensor x = tensor<float>({1, 2});
    const Tensor recorded = x * 2.0;
    step(std::move(x));
    expect_error(Code::DONATED, "donated", [&] { recorded.to_host(); });
}

TEST(Donation, ALoopOfStepsLeaksNoBuffer) {
    const auto loss = [](const Tree& parameters, const Tensor& x) {
        return mean(square(matmul(x, parameters["w"]) + parameters["b"]));
    };
    const auto step = jit(
        [&](const Tree& parameters, const Tensor& x) {
            const auto [value, gradient] = value_and_grad(loss)(parameters, x);
            Tree next = parameters;
            for (std::size_t i = 0; i < next.size(); ++i)
                next.leaves()[i] = next.leaves()[i] - 0.01 * gradient.leaves()[i];
            return std::pair(next, value);
        },
        {.donate = {0}});
    const auto backend = backend_for(Mesh(default_device()));
    const auto live = backend->live_buffers();
    {
        Tree parameters;
        parameters.set("w", uniform(key(0), {8, 4}));
        parameters.set("b", zeros({4}));
        Tensor value;
        float first = 0;
        for (int i = 0; i < 20; ++i) {
            std::tie(parameters, value) =
                step(std::move(parameters), uniform(key(static_cast<std::uint64_t>(i)), {16, 8}));
            if (i == 0) first = value.item<float>();
        }
        EXPECT_LT(value.item<float>(), first);
        EXPECT_GT(backend->live_buffers(), live);
    }
    EXPECT_EQ(backend->live_buffers(), live);
}

}  // namespace
}  // namespace podium
