#include "podium/ir/graph.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/pullback.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "tests/support/gradient.h"

namespace podium {
namespace {

constexpr int DEEP = 1'000'000;

Tensor chain(Tensor x, int length) {
    for (int i = 0; i < length; ++i) x = negate(x);
    return x;
}

TEST(Graph, AMillionNodesAreBuiltWalkedAndDestroyed) {
    const Tensor x = chain(zeros({}), DEEP);
    EXPECT_EQ(topological(std::array{x}).size(), DEEP + 1);
}

TEST(Graph, DeepChainsAreClosedInterpretedAndDifferentiated) {
    constexpr int LENGTH = 100'000;
    const HostArray one = HostArray::scalar(1.0);
    EXPECT_EQ(test::run([](const Tensors& in) { return Tensors{chain(in[0], LENGTH)}; }, {one})[0], one);
    const Tensor x = zeros({}, DataType::FLOAT64), y = chain(x, LENGTH);
    EXPECT_TRUE(pullback({y}, {ones({}, DataType::FLOAT64)}, {x}).gradients[0].defined());
}

TEST(Graph, TopologicalOrderHasEachNodeOnceOperandsFirst) {
    const Tensor x = zeros({2}), y = x + x, z = y * x;
    const auto order = topological(std::array{z, y});
    EXPECT_EQ(order,
              (std::vector<Node*>{x.node()->operands[0].node().get(), x.node().get(), y.node().get(), z.node().get()}));
}

TEST(Graph, ClosingTurnsOutsideValuesIntoParameters) {
    const Tensor outside = tanh(zeros({2}));
    const Closed closed = trace_region([&](const Tensors& in) { return Tensors{in[0] + outside + 1}; }, {zeros({2})});
    ASSERT_EQ(closed.captures.size(), 1);
    EXPECT_EQ(closed.captures[0].node(), outside.node());
    EXPECT_EQ(closed.graph->parameters.size(), 2);
    const auto results = interpret(*closed.graph, std::array{HostArray::of<float>({2}, std::vector<float>{1, 2}),
                                                             HostArray::of<float>({2}, std::vector<float>{10, 20})});
    EXPECT_EQ(results[0], HostArray::of<float>({2}, std::vector<float>{12, 23}));
}

TEST(Graph, InliningRecordsTheGraphOnOtherArguments) {
    const Closed closed = trace_region([](const Tensors& in) { return Tensors{in[0] * in[0]}; }, {zeros({2})});
    const Tensor argument = full({2}, 3);
    const Tensor result = inline_graph(*closed.graph, std::array{argument})[0];
    EXPECT_EQ(result->operands[0].node(), argument.node());
    EXPECT_EQ(result->level, 0);
}

TEST(Graph, AValueOfAFinishedTraceIsRefused) {
    Tensor leaked;
    trace_region(
        [&](const Tensors& in) {
            leaked = tanh(in[0]);
            return Tensors{leaked};
        },
        {zeros({2})});
    expect_error(Code::TRACED_VALUE, "a value of a finished trace is used in another",
                 [&] { trace_region([&](const Tensors& in) { return Tensors{in[0] + leaked}; }, {zeros({2})}); });
}

TEST(Graph, DonatedOperandsAreNamed) {
    const Tensor x = zeros({2});
    x->donated = true;
    expect_error(Code::DONATED, "tanh: an operand, f32[2], was donated to a jitted call and is gone", [&] { tanh(x); });
}

TEST(Graph, AnEmptyHandleSaysSo) {
    expect_error(Code::INVALID_ARGUMENT, "this handle holds no tensor", [] { Tensor().shape(); });
    expect_error(Code::INVALID_ARGUMENT, "this handle holds no tensor", [] { tanh(Tensor()); });
    expect_error(Code::SHAPE_MISMATCH, "dim: no dimension 2 in a tensor of rank 1", [] { zeros({2}).dim(2); });
}

TEST(Graph, LocationsAreRelativePaths) {
    EXPECT_TRUE(to_string(Location(std::source_location::current())).starts_with("podium/ir/graph_test.cpp:"));
}

}  // namespace
}  // namespace podium
