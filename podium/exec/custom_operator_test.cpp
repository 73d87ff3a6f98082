#include "podium/ir/custom_operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "podium/base/expect_error.h"
#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/exec/jit.h"
#include "podium/transform/transform.h"
#include "tests/support/error_of.h"
#include "tests/support/operators.h"
#include "tests/support/temporary_folder.h"

namespace podium {
namespace {

using test::call_scaled_rows;
using testing::HasSubstr;

Tensor sample(Dims dims, std::uint64_t seed) { return uniform(key(seed), std::move(dims), -1, 1, DataType::FLOAT64); }

/// The same function of tensors, without the operator.
std::pair<Tensor, Tensor> as_written(const Tensor& x, const Tensor& gain) {
    const Tensor y = x * gain / 3.0 + 2.0;
    return {y, mean(y, {1})};
}
std::pair<Tensor, Tensor> as_operator(const Tensor& x, const Tensor& gain) {
    const Tensors results = call_scaled_rows({x, gain});
    return {results[0], results[1]};
}
template <auto F>
Tensor loss(const Tensor& x, const Tensor& gain) {
    const auto [y, rows] = F(x, gain);
    return sum(sin(y)) + sum(square(rows));
}

void expect_close(const Tensor& found, const Tensor& expected) {
    const HostArray a = found.to_host(), b = expected.to_host();
    ASSERT_EQ(a.shape(), b.shape());
    for (std::int64_t i = 0; i < a.count(); ++i) EXPECT_NEAR(a.as_double(i), b.as_double(i), 1e-13);
}
void expect_close(const std::pair<Tensor, Tensor>& found, const std::pair<Tensor, Tensor>& expected) {
    expect_close(found.first, expected.first);
    expect_close(found.second, expected.second);
}

TEST(CustomOperator, RunsInCompiledProgramsAndEagerly) {
    const Tensor x = sample({6, 4}, 1), gain = sample({4}, 2);
    expect_close(as_operator(x, gain), as_written(x, gain));
    expect_close(jit(as_operator)(x, gain), as_written(x, gain));
    expect_close(jit(as_operator)(transpose(sample({4, 6}, 3)), gain), as_written(transpose(sample({4, 6}, 3)), gain));
}

TEST(CustomOperator, GradientsAndManyExamplesAreThoseOfTheFunctionAsWritten) {
    const Tensor x = sample({3, 6, 4}, 1), gain = sample({4}, 2);
    for (const bool maps_gain : {false, true}) {
        const VmapOptions options{.in_axes = {0, maps_gain ? std::optional<std::int64_t>(0) : std::nullopt}};
        const Tensor given = maps_gain ? sample({3, 4}, 3) : gain;
        expect_close(jit(vmap(grad(loss<as_operator>), options))(x, given),
                     jit(vmap(grad(loss<as_written>), options))(x, given));
    }
}

TEST(CustomOperator, OnAMeshEachDeviceHasItsExamples) {
    const Mesh mesh({{"data", 4}, {"model", 2}}, devices("cpu"));
    const Tensor gain = sample({4}, 2);
    for (const std::int64_t rows : {8, 6}) {  // six cannot be split by four
        const Tensor x = sample({rows, 4}, 1);
        const auto f = jit(
            as_operator, {.names = {"x", "gain"},
                          .mesh = &mesh,
                          .shardings = rows == 8 ? std::vector<Rule>{{"x", {"data"}}, {"0", {"data"}}, {"1", {"data"}}}
                                                 : std::vector<Rule>{{"gain", {"model"}}}});
        expect_close(f(x, gain), as_written(x, gain));
        const auto text = f.executable()->optimized_text();
        EXPECT_THAT(text, HasSubstr(rows == 8 ? "(f64[2,4], f64[2]) custom-call" : "(f64[6,4], f64[6]) custom-call"));
        if (rows == 8) EXPECT_THAT(text, testing::Not(HasSubstr("all-gather")));
    }
    const Tensor x = sample({8, 4}, 1);
    const auto gradients = [](const Tensor& in, const Tensor& g) { return grad(loss<as_operator>)(in, g); };
    expect_close(jit(gradients, {.names = {"x", "gain"}, .mesh = &mesh, .shardings = {{"x", {"data"}}}})(x, gain),
                 grad(loss<as_written>)(x, gain));
}

TEST(CustomOperator, RunsInLoopsAndOnSeveralThreads) {
    const Tensor x = sample({4, 6, 4}, 1), gain = sample({4}, 2);
    const auto pieces = [](const Tensor& all, const Tensor& g) {
        return scan_list([&](const Tensors& piece) { return call_scaled_rows({piece[0], g}); }, {}, {all}, 4)[0];
    };
    const auto f = jit(pieces);
    const HostArray expected = f(x, gain).to_host();
    expect_close(f(x, gain), x * gain / 3.0 + 2.0);
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int repeat = 0; repeat < 20; ++repeat) EXPECT_EQ(f(x, gain).to_host(), expected);
        });
}

TEST(CustomOperator, ItsTilesRunOnThePluginsThreads) {
    static std::mutex mutex;
    static std::set<std::thread::id> seen;
    static const CustomOperator OPERATOR({
        .name = "test.tiles",
        .shapes = [](std::span<const Shape> in, const CallSettings&) { return std::vector(in.begin(), in.end()); },
        .run =
            [](const OperatorCall& call) {
                const auto y = call.results[0].mutable_span<float>();
                call.for_each(call.results[0].count(), [&](std::int64_t i) {
                    y[static_cast<std::size_t>(i)] = static_cast<float>(i);
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    const std::lock_guard lock(mutex);
                    seen.insert(std::this_thread::get_id());
                });
            },
    });
    const HostArray found = OPERATOR({zeros({64})})[0].to_host();
    EXPECT_EQ(found, iota({64}, 0, DataType::FLOAT32).to_host());
    if (std::thread::hardware_concurrency() > 1) EXPECT_GT(seen.size(), 1);
}

/// Doubles x where x is.
Tensor doubled_in_place(const Tensor& x) {
    static const CustomOperator OPERATOR({
        .name = "test.doubled_in_place",
        .shapes = [](std::span<const Shape> in, const CallSettings&) { return std::vector(in.begin(), in.end()); },
        .run =
            [](const OperatorCall& call) {
                const auto x = call.operands[0].span<double>();
                const auto y = call.results[0].mutable_span<double>();
                for (std::size_t i = 0; i < x.size(); ++i) y[i] = 2 * x[i];
            },
        .batched = {0},
        .in_place = {{0, 0}},
    });
    return OPERATOR({x})[0];
}

TEST(CustomOperator, WhatItWritesInPlaceIsCopiedWhereItIsNeededAgain) {
    const Tensor x = sample({4, 3}, 1);
    const HostArray before = x.to_host();
    const auto both = [](const Tensor& in) { return std::pair(doubled_in_place(in), in * 3.0); };
    const Mesh mesh({{"data", 2}}, devices("cpu"));
    expect_close(jit(both)(x), {x * 2.0, x * 3.0});
    expect_close(jit(both, {.names = {"x"}, .mesh = &mesh, .shardings = {{"x", {"data"}}}})(x), {x * 2.0, x * 3.0});
    expect_close(jit(vmap(doubled_in_place))(sample({2, 4, 3}, 2)), sample({2, 4, 3}, 2) * 2.0);
    expect_close(jit([](const Tensor& in) { return doubled_in_place(doubled_in_place(in)) + in; })(x), x * 5.0);
    expect_close(jit([](const Tensor&) {
                     return doubled_in_place(full({4, 3}, 1.5, DataType::FLOAT64));
                 })(x),
                 full({4, 3}, 3.0, DataType::FLOAT64));
    EXPECT_EQ(x.to_host(), before);
    const auto donating = jit([](const Tensor& in) { return doubled_in_place(in); }, {.donate = {0}});
    Tensor given = x * 1.0;
    eval(given);
    expect_close(donating(std::move(given)), x * 2.0);
}

TEST(CustomOperator, WhatItsFunctionThrowsIsTheProgramsError) {
    const Tensor x = sample({6, 4}, 1), gain = sample({4}, 2);
    const auto error = test::error_of([&] {
        jit([](const Tensor& a, const Tensor& b) { return call_scaled_rows({a, b}, true)[0]; })(x, gain).to_host();
    });
    EXPECT_THAT(error.message(), HasSubstr("operator test.scaled_rows: it was told to fail"));
    expect_close(as_operator(x, gain), as_written(x, gain));  // and the next one runs
}

TEST(CustomOperator, AProgramFromDiskFindsItsFunction) {
    const test::TemporaryFolder folder;
    set_program_cache(folder / "programs", 1 << 24);
    const Tensor x = sample({7, 4}, 1), gain = sample({4}, 2);
    for (int i = 0; i < 2; ++i) {
        clear_compiled();
        expect_close(jit(as_operator)(x, gain), as_written(x, gain));
    }
    EXPECT_GT(compile_stats().loaded, 0);
    set_program_cache({}, 0);
}

}  // namespace
}  // namespace podium
