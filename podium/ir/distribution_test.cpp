#include "podium/ir/distribution.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "tests/support/gradient.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

/// Returns each device's first result of `f` on its own argument.
std::vector<HostArray> together(const std::function<Tensor(const Tensor&)>& f,
                                const std::vector<HostArray>& arguments) {
    const Closed closed = trace_region([&](const Tensors& t) -> Tensors { return {f(t[0])}; },
                                       {zeros(arguments[0].shape().dims, arguments[0].type())});
    std::vector<std::vector<HostArray>> each;
    each.reserve(arguments.size());
    for (const auto& argument : arguments) each.push_back({argument});
    std::vector<HostArray> results;
    for (const auto& result : Interpreter(*closed.graph).run_together(each)) results.push_back(result[0]);
    return results;
}

HostArray numbers(const std::vector<double>& values, Dims dims = {}) {
    return HostArray::of(dims.empty() ? Dims{static_cast<std::int64_t>(values.size())} : std::move(dims), values);
}

const std::vector<HostArray> FOUR{numbers({1, 2}), numbers({3, 4}), numbers({5, 6}), numbers({7, 8})};
const Groups PAIRS{{0, 2}, {3, 1}};

// The expected values are the specification's definitions, written out.
TEST(Distribution, EachDeviceHasWhatTheSpecificationSays) {
    const auto reduced = together([](const Tensor& x) { return all_reduce(add, x, PAIRS); }, FOUR);
    EXPECT_EQ(reduced, (std::vector{numbers({6, 8}), numbers({10, 12}), numbers({6, 8}), numbers({10, 12})}));
    const auto gathered = together([](const Tensor& x) { return all_gather(x, 0, PAIRS); }, FOUR);
    EXPECT_EQ(gathered[2], numbers({1, 2, 5, 6}));
    EXPECT_EQ(gathered[1], numbers({7, 8, 3, 4}));
    const auto scattered = together([](const Tensor& x) { return reduce_scatter(maximum, x, 0, PAIRS); }, FOUR);
    EXPECT_EQ(scattered, (std::vector{numbers({5}), numbers({8}), numbers({6}), numbers({7})}));
    const auto exchanged = together([](const Tensor& x) { return all_to_all(x, 0, 0, PAIRS); }, FOUR);
    EXPECT_EQ(exchanged, (std::vector{numbers({1, 5}), numbers({8, 4}), numbers({2, 6}), numbers({7, 3})}));
    const auto spread = together([](const Tensor& x) { return collective_broadcast(x, {{2, 0}}); }, FOUR);
    EXPECT_EQ(spread, (std::vector{FOUR[2], numbers({0, 0}), FOUR[2], numbers({0, 0})}));
    const auto moved = together([](const Tensor& x) { return collective_permute(x, {{0, 1}, {1, 3}}); }, FOUR);
    EXPECT_EQ(moved, (std::vector{numbers({0, 0}), FOUR[0], numbers({0, 0}), FOUR[1]}));
    const auto rooted = together([](const Tensor& x) { return collective_reduce(add, x, PAIRS); }, FOUR);
    EXPECT_EQ(rooted, (std::vector{numbers({6, 8}), numbers({0, 0}), numbers({0, 0}), numbers({10, 12})}));
    const auto number = together([](const Tensor&) { return convert(replica_id(), DataType::FLOAT64); }, FOUR);
    EXPECT_EQ(number[3].as_double(0), 3);
    const auto later = together(
        [](const Tensor& x) { return asynchronously([](const Tensor& t) { return slice(t, {1}, {2}); }, x); }, FOUR);
    EXPECT_EQ(later[1], numbers({4}));
    const auto split = together(
        [](const Tensor& x) {
            return all_to_all(reshape(x, {2, 1}), 0, 1, {{0, 1}, {2, 3}});
        },
        FOUR);
    EXPECT_EQ(split[1], numbers({2, 4}, {1, 2}));
}

/// A sum over devices of weighted results has, as its gradient, what each device's own cotangents say: the adjoint of
/// the exchange, element by element.
TEST(Distribution, GradientsAreTheAdjoints) {
    const auto adjoint = [](const std::function<Tensor(const Tensor&)>& f) {
        const auto forward = together(f, FOUR);
        std::vector<HostArray> weights;
        for (std::size_t device = 0; device < 4; ++device)
            weights.push_back(test::sample(forward[device].shape(), -1, 1, device + 1));
        const Dims dims = weights[0].shape().dims;
        const Closed closed =
            trace_region([&](const Tensors& t) -> Tensors { return pullback({f(t[0])}, {t[1]}, {t[0]}).gradients; },
                         {zeros({2}, DataType::FLOAT64), zeros(dims, DataType::FLOAT64)});
        std::vector<std::vector<HostArray>> arguments;
        for (std::size_t device = 0; device < 4; ++device) arguments.push_back({FOUR[device], weights[device]});
        const auto back = Interpreter(*closed.graph).run_together(arguments);
        double ahead = 0, behind = 0;  // <w, f(x)> = <fᵀ(w), x>, for these linear functions
        for (std::size_t device = 0; device < 4; ++device) {
            for (std::int64_t i = 0; i < weights[device].count(); ++i)
                ahead += weights[device].as_double(i) * forward[device].as_double(i);
            for (std::int64_t i = 0; i < 2; ++i) behind += back[device][0].as_double(i) * FOUR[device].as_double(i);
        }
        EXPECT_NEAR(ahead, behind, 1e-12);
    };
    const Groups all{{0, 1, 2, 3}};
    adjoint([&](const Tensor& x) { return all_reduce(add, x, all); });
    adjoint([&](const Tensor& x) { return all_gather(x, 0, PAIRS); });
    adjoint([&](const Tensor& x) { return reduce_scatter(add, x, 0, PAIRS); });
    adjoint([&](const Tensor& x) { return all_to_all(x, 0, 0, PAIRS); });
    adjoint([&](const Tensor& x) { return collective_permute(x, {{0, 1}, {1, 3}, {3, 0}}); });
    adjoint([&](const Tensor& x) { return collective_broadcast(x, PAIRS); });
    adjoint([&](const Tensor& x) { return collective_reduce(add, x, PAIRS); });
    adjoint([&](const Tensor& x) { return asynchronously([&](const Tensor& t) { return all_gather(t, 0, all); }, x); });
}

TEST(Distribution, SaysWhatDoesNotFit) {
    const Tensor x = zeros({3});
    expect_error(Code::INVALID_ARGUMENT, "all_reduce: no replica groups were given", [&] { all_reduce(add, x, {}); });
    expect_error(Code::INVALID_ARGUMENT, "all_gather: groups [0,1] and [2] are not of one size", [&] {
        all_gather(x, 0, {{0, 1}, {2}});
    });
    expect_error(Code::INVALID_ARGUMENT, "all_to_all: a device is in two groups", [&] {
        all_to_all(x, 0, 0, {{0, 1}, {1, 2}});
    });
    expect_error(Code::SHAPE_MISMATCH, "reduce_scatter: dimension 0 of f32[3] does not split among 2 devices", [&] {
        reduce_scatter(add, x, 0, {{0, 1}});
    });
    expect_error(Code::INVALID_ARGUMENT, "collective_permute: [1,2] is no pair, or a device sends or receives twice",
                 [&] {
                     collective_permute(x, {{0, 2}, {1, 2}});
                 });
    expect_error(Code::INVALID_ARGUMENT, "asynchronously: the function must record one operation",
                 [&] { asynchronously([](const Tensor& t) { return t + 1; }, x); });
    expect_error(Code::UNIMPLEMENTED, "all_reduce: only the sum has a gradient", [&] {
        trace_region(
            [](const Tensors& t) -> Tensors {
                return pullback({all_reduce(maximum, t[0], {{0, 1}})}, {t[0]}, t).gradients;
            },
            {x});
    });
}

}  // namespace
}  // namespace podium
