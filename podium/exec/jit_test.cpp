#include "podium/exec/jit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "podium/base/expect_error.h"
#include "podium/exec/backends.h"
#include "tests/support/error_of.h"

namespace podium {
namespace {

using test::error_of;
using testing::HasSubstr;

Tensor ramp(std::int64_t count, float start = 0) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(start + static_cast<float>(i));
    return tensor(values);
}

struct Pair {
    Tensor first;
    std::optional<Tensor> second;
    static constexpr std::array names{"first", "second"};
};
struct Everything {
    Tree tree;
    std::vector<Tensor> list;
    std::map<std::string, Tensor> named;
    std::array<Tensor, 2> two;
    std::tuple<Tensor, Key> both;
    Pair pair;
};

TEST(Jit, AddsOnTheDevice) {
    const auto f = jit([](const Tensor& x, const Tensor& y) { return x + y * 2.0; });
    const Tensor z = f(tensor<float>({1, 2, 3}), tensor<float>({10, 20, 30}));
    EXPECT_EQ(z.to_host(), HostArray::of<float>({3}, {21, 42, 63}));
    EXPECT_EQ(f.stats().traces, 1);
}

TEST(Jit, AMatrixUpdatedInPlaceIsReadAnewByEachCall) {  // XNNPACK's products keep the first call's
    const auto halve = jit(
        [](const Tensor& w, const Tensor& x) {
            const Tensor y = matmul(x, w);
            return std::pair{w - matmul(transpose(x), y) / 128.0, reduce(maximum, y, 0.0, {0, 1})};
        },
        {.donate = {0}});
    Tensor w = ones({1024, 256}), greatest;
    const Tensor x = full({64, 1024}, 1.0F / 32);
    for (const float expected : {32.0F, 16.0F, 8.0F}) {
        std::tie(w, greatest) = halve(std::move(w), x);
        EXPECT_EQ(greatest.item<float>(), expected);
    }
}

TEST(Jit, ANaNGradientIsSeenBehindRemat) {  // what is computed again waits for its gradient by value
    const auto weighted = [](const Tensor& x, const Tensor& w, const Tensor& by) {
        const auto inside = remat([](const Tensor& a, const Tensor& b) { return sin(matmul(a, b)); });
        return sum(inside(x, w) * by);
    };
    const auto gradient = jit([&](const Tensor& x, const Tensor& w, const Tensor& by) {
        return grad([&](const Tensor& each) { return weighted(each, w, by); })(x);
    });
    const Tensor x = full({2, 2}, 0.5F), by = tensor({2, 2}, std::vector<float>{1, NAN, 1, 1});
    EXPECT_TRUE(std::isnan(gradient(x, ones({2, 2}), by).to_host().as_double(0)));
}

TEST(Jit, TracesOnceForEachSignature) {
    int calls = 0;
    const auto f = jit([&](const Tensor& x) {
        ++calls;
        return x * 2.0;
    });
    for (int i = 0; i < 3; ++i) f(ramp(4, static_cast<float>(i)));
    EXPECT_EQ(calls, 1);
    f(ramp(5));
    f(ramp(4));
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(f.stats().traces, 2);
    const auto copy = f;  // NOLINT(performance-unnecessary-copy-initialization): it is what is tested
    copy(ramp(5));
    EXPECT_EQ(calls, 2) << "copies share programs";
}

TEST(Jit, TheReasonOfARecompileNamesTheArgumentAndBothShapes) {
    const auto f = jit([](const Pair& state, const Tensor& x) { return state.first + x; }, {.names = {"state", "x"}});
    const Tensor one = tensor<float>(Dims{}, {1});
    f(Pair{ramp(4), {}}, one);
    EXPECT_EQ(f.stats().last_reason, "");
    f(Pair{ramp(6), {}}, one);
    EXPECT_EQ(f.stats().last_reason, "state.first was f32[4] and is f32[6]");
    f(Pair{ramp(6), ramp(2)}, one);
    EXPECT_THAT(f.stats().last_reason, HasSubstr("state.second"));
    f(Pair{ramp(6), {}}, one + 0.0);
    f(Pair{convert(ramp(6), DataType::FLOAT64), {}}, convert(one, DataType::FLOAT64));
    EXPECT_EQ(f.stats().last_reason, "state.first was f32[6] and is f64[6]");
}

TEST(Jit, StaticArgumentsAreComparedByEquality) {
    int calls = 0;
    const auto f = jit(
        [&](const Tensor& x, const std::string& mode, int power) {
            ++calls;
            Tensor y = x;
            for (int i = 1; i < power; ++i) y = y * x;
            return mode == "negative" ? negate(y) : y;
        },
        {.names = {"x", "mode", "power"}});
    const Tensor x = tensor<float>({2, 3});
    EXPECT_EQ(f(x, std::string("plain"), 2).to_host(), HostArray::of<float>({2}, {4, 9}));
    EXPECT_EQ(f(x, std::string("plain"), 2).to_host(), HostArray::of<float>({2}, {4, 9}));
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(f(x, std::string("plain"), 3).to_host(), HostArray::of<float>({2}, {8, 27}));
    EXPECT_EQ(f.stats().last_reason, "the static argument power changed");
    EXPECT_EQ(f(x, std::string("negative"), 3).to_host(), HostArray::of<float>({2}, {-8, -27}));
    EXPECT_EQ(f.stats().last_reason, "the static argument mode changed");
    EXPECT_EQ(calls, 3);
}

TEST(Jit, AnEvaluatedCaptureThrowsUnlessItIsAConstant) {
    const Tensor captured = tensor<float>({1, 2});
    const auto bare = jit([&](const Tensor& x) { return x + captured; });
    expect_error(Code::TRACED_VALUE, "wrap it in pd::constant", [&] { bare(ramp(2)); });
    const auto wrapped = jit([&](const Tensor& x) { return x + constant(captured); });
    EXPECT_EQ(wrapped(ramp(2)).to_host(), HostArray::of<float>({2}, {1, 3}));
    const Tensor recorded = captured * 2.0;  // not evaluated, yet made of what is
    const auto indirect = jit([&](const Tensor& x) { return x + recorded; });
    expect_error(Code::TRACED_VALUE, "evaluated outside", [&] { indirect(ramp(2)); });
}

TEST(Jit, CapturesFreezeAtTheFirstTrace) {
    float scale = 2;
    const auto f = jit([&](const Tensor& x) { return x * scale; });
    EXPECT_EQ(f(ramp(2)).to_host(), HostArray::of<float>({2}, {0, 2}));
    scale = 5;
    EXPECT_EQ(f(ramp(2)).to_host(), HostArray::of<float>({2}, {0, 2}));
}

TEST(Jit, ReadingACapturedRecordingLaterDoesNotChangeTheProgram) {
    const Tensor captured = ones({2}) * 3.0;
    const auto f = jit([&](const Tensor& x) { return x + captured; });
    EXPECT_EQ(f(ramp(2)).to_host(), HostArray::of<float>({2}, {3, 4}));
    EXPECT_EQ(captured.to_host(), HostArray::of<float>({2}, {3, 3}));
    EXPECT_THAT(f.text(), HasSubstr("stablehlo.multiply"));
}

TEST(Jit, ReadingInsideATraceNamesSelectAndTheLine) {
    const std::uint32_t line = __LINE__ + 2;
    const auto f = jit([](const Tensor& x) {
        if (x.item<float>() > 0) return x;
        return negate(x);
    });
    const auto error = error_of([&] { f(tensor<float>(Dims{}, {1})); });
    EXPECT_EQ(error.code(), Code::TRACED_VALUE);
    EXPECT_THAT(error.message(), HasSubstr("select or cond"));
    EXPECT_EQ(error.context(), fmt::format("podium/exec/jit_test.cpp:{}", line));
}

TEST(Jit, ShapeErrorsCarryTheUsersLine) {
    std::uint32_t line = 0;
    const auto f = jit([&](const Tensor& x, const Tensor& y) {
        line = __LINE__ + 1;
        return tanh(x + y);
    });
    const auto error = error_of([&] { f(ramp(2), ramp(3)); });
    EXPECT_EQ(error.code(), Code::SHAPE_MISMATCH);
    EXPECT_THAT(error.message(), HasSubstr("add: cannot broadcast f32[2] with f32[3]"));
    EXPECT_EQ(error.context(), fmt::format("podium/exec/jit_test.cpp:{}", line));
    EXPECT_EQ(trace_level(), 0);
    EXPECT_EQ(f(ramp(2), ramp(2)).to_host(), tanh(ramp(2) * 2.0).to_host()) << "usable after an error";
}

TEST(Jit, AResultThatHoldsNoTensorIsAnError) {
    const auto f = jit([](const Tensor& x) { return std::pair(x, Tensor()); });
    expect_error(Code::INVALID_ARGUMENT, "holds no tensor", [&] { f(ramp(2)); });
    expect_error(Code::INVALID_ARGUMENT, "holds no tensor", [&] { f(Tensor()); });
}

TEST(Jit, TheResultHasTheFormOfEachKindOfTree) {
    const auto f = jit([](const Everything& x) {
        Everything y = x;
        for_each_leaf(y, [](Tensor& leaf) { leaf = leaf + 1; });
        return y;
    });
    Everything x;
    x.tree.set("h.0", ramp(1));
    x.tree.set("a", ramp(2));
    x.list = {ramp(1), ramp(2), ramp(3)};
    x.named = {{"z", ramp(1)}, {"b", ramp(2)}};
    x.two = {ramp(4), ramp(5)};
    x.both = {ramp(6), key(7)};
    x.pair = {ramp(7), ramp(8)};
    const Everything y = f(x);
    EXPECT_EQ(*y.tree.paths(), *x.tree.paths());
    const Tensors before = leaves_of(x), after = leaves_of(y);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].to_host(), (before[i] + 1).to_host());
    x.pair.second.reset();
    x.list.pop_back();
    const Everything z = f(x);
    EXPECT_FALSE(z.pair.second.has_value());
    EXPECT_EQ(z.list.size(), 2);
    EXPECT_EQ(f.stats().traces, 2);
}

TEST(Jit, InlinesAnotherJittedFunction) {
    const auto inner = jit([](const Tensor& x) { return tanh(x); });
    const auto outer = jit([&](const Tensor& x) { return inner(x) * inner(x); });
    const Tensor x = tensor<float>({0.5F});
    EXPECT_EQ(outer(x).to_host(), jit([](const Tensor& x) { return tanh(x) * tanh(x); })(x).to_host());
    EXPECT_EQ(inner.stats().traces, 0);
}

TEST(Jit, AGradientGoesThroughAndAround) {
    const auto f = [](const Tensor& x) { return sum(tanh(x) * x); };
    const Tensor x = tensor<float>({0.5F, -1});
    const HostArray plain = grad(f)(x).to_host(), through = grad(jit(f))(x).to_host(),
                    around = jit(grad(f))(x).to_host();
    for (int i = 0; i < 2; ++i) {
        EXPECT_NEAR(through.as_double(i), plain.as_double(i), 1e-6);
        EXPECT_NEAR(around.as_double(i), plain.as_double(i), 1e-6);
    }
}

TEST(Jit, TakesAnyNameForItsProgram) {
    const auto f = jit([](const std::map<std::string, Tensor>& x) { return x.begin()->second + 1; },
                       {.name = "train \"step\" 1", .names = {"a\nb"}});
    EXPECT_EQ(f(std::map<std::string, Tensor>{{"q\"\t\\", ramp(2)}}).to_host(), HostArray::of<float>({2}, {1, 2}));
}

TEST(Jit, ProgramsOfConstantsOnlyAreCompiledInTime) {
    const auto f = jit([] { return truncated_normal(key(3), {4}); });
    const HostArray a = f().to_host(), b = truncated_normal(key(3), {4}).to_host();
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(a.as_double(i), b.as_double(i), 1e-6);
}

TEST(Jit, ConstantsAreSharedByBranchesAndWhatFollows) {
    const auto f = jit([](const Tensor& x, const Tensor& p) {
        const Tensor two = full({2}, 2.0);
        const Tensor y = cond(
            p, [&](const Tensors& v) -> Tensors { return {v[0] * two}; },
            [&](const Tensors& v) -> Tensors { return {v[0] + two}; }, {x})[0];
        return y - two;
    });
    const Tensor x = tensor<float>({3, 5});
    EXPECT_EQ(f(x, tensor(HostArray::scalar(true))).to_host(), HostArray::of<float>({2}, {4, 8}));
    EXPECT_EQ(f(x, tensor(HostArray::scalar(false))).to_host(), HostArray::of<float>({2}, {3, 5}));
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

TEST(Jit, KnowsTheMemoryOfItsProgram) {
    const auto f = jit([](const Tensor& x) { return matmul(x, x) + 1.0; });
    EXPECT_EQ(f.executable(), nullptr);
    block_until_ready(f(zeros({64, 64})));
    const auto memory = f.executable()->memory();
    EXPECT_EQ(memory.argument_bytes, 64 * 64 * 4);
    EXPECT_EQ(memory.output_bytes, 64 * 64 * 4);
    EXPECT_THAT(f.text(), HasSubstr("stablehlo.dot_general"));
    EXPECT_THAT(f.text(), HasSubstr("loc(\"podium/exec/jit_test.cpp\":"));
}

TEST(Jit, WhatThePluginCannotDoIsSaidBeforeCompiling) {
    const auto f = jit([](const Tensor& x) { return infeed(after_all(), {x.shape()})[0] + x; });
    expect_error(Code::UNIMPLEMENTED, "compile main: infeed on cpu", [&] { f(tensor<float>({1, 2})); });
    expect_error(Code::UNIMPLEMENTED, "loc(\"podium/exec/jit_test.cpp\":", [&] { f(tensor<float>({1, 2})); });
}

}  // namespace
}  // namespace podium
