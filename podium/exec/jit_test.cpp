#include "podium/exec/jit.h"

#include <gtest/gtest.h>

namespace podium {
namespace {

TEST(Jit, AddsOnTheDevice) {
    const auto f = jit([](const Tensor& x, const Tensor& y) { return x + y * 2.0; });
    const Tensor z = f(tensor<float>({1, 2, 3}), tensor<float>({10, 20, 30}));
    EXPECT_EQ(z.to_host(), HostArray::of<float>({3}, {21, 42, 63}));
    EXPECT_EQ(f.stats().traces, 1);
}

TEST(Eager, PiecesThatDifferInScalarsShareOneProgram) {
    const Tensor x = tensor<float>({1, 2});
    const auto before = compile_stats();
    EXPECT_EQ((x * 3.0 + 1.0).to_host(), HostArray::of<float>({2}, {4, 7}));
    EXPECT_EQ((x * 5.0 + 2.0).to_host(), HostArray::of<float>({2}, {7, 12}));
    EXPECT_LE(compile_stats().compiled - before.compiled, 1);
}

TEST(Grad, OfAScanEqualsTheUnrolledOne) {
    const auto looped = [](const Tensor& w) {
        auto [last, ys] = scan(
            [&](const Tensor& carry, const Tensor& x) {
                const Tensor next = tanh(carry * w + x);
                return std::pair(next, next * carry);
            },
            zeros({2}), tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
        return sum(last) + sum(ys);
    };
    const auto unrolled = [](const Tensor& w) {
        const Tensor xs = tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
        Tensor carry = zeros({2}), total = zeros({});
        for (int i = 0; i < 3; ++i) {
            const Tensor next = tanh(carry * w + squeeze(slice_axis(xs, 0, i, i + 1), 0));
            total = total + sum(next * carry);
            carry = next;
        }
        return sum(carry) + total;
    };
    const Tensor w = tensor<float>({0.1F, -0.2F});
    const auto a = grad(looped)(w).to_host(), b = grad(unrolled)(w).to_host();
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(a.as_double(i), b.as_double(i), 1e-6);
    const auto second = [](auto f) { return grad([f](const Tensor& w) { return sum(square(grad(f)(w))); }); };
    const auto c = second(looped)(w).to_host(), d = second(unrolled)(w).to_host();
    for (int i = 0; i < 2; ++i) EXPECT_NEAR(c.as_double(i), d.as_double(i), 1e-5);
}

TEST(Jit, AScanUsesTheArgumentsAroundIt) {
    const auto powers = jit([](const Tensor& x, const Tensor& w) {
        return scan([&](const Tensor& carry,
                        const Tensor& i) { return std::pair(carry * w, carry + convert(i, DataType::FLOAT32)); },
                    x, arange(3));
    });
    const auto [last, sums] = powers(tensor<float>({1}), tensor<float>({2}));
    EXPECT_EQ(last.to_host(), HostArray::of<float>({1}, {8}));
    EXPECT_EQ(sums.to_host(), HostArray::of<float>({3, 1}, {1, 3, 6}));
}

TEST(Jit, DonatedArgumentsAreGone) {
    const auto step = jit([](const Tree& state) { return state.map([](const Tensor& x) { return x + 1.0; }); },
                          {.names = {"state"}, .donate = {0}});
    Tree state;
    state.set("a", tensor<float>({1, 2}));
    const Tensor other = state["a"];
    state = step(std::move(state));
    EXPECT_EQ(state["a"].to_host(), HostArray::of<float>({2}, {2, 3}));
    EXPECT_THROW(other.to_host(), Error);
}

}  // namespace
}  // namespace podium
