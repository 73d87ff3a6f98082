#include "podium/runtime/pjrt/constant_inputs.h"

#include <gtest/gtest.h>

#include "podium/ir/ops.h"
#include "podium/ir/trace.h"

namespace podium {
namespace {

const Shape SHAPE{DataType::FLOAT32, {4}};

Tensor numbers() { return constant(HostArray(SHAPE)); }
Tensor places() { return constant(HostArray(Shape(DataType::INT32, {2}))); }

/// Whether the graph parameter → f(parameter) has such an operation.
template <class F>
bool flagged(F&& f) {
    const TraceScope trace;
    const Tensor parameter = trace.parameter(SHAPE);
    Graph graph;
    graph.parameters = {parameter};
    graph.results = {f(parameter)};
    return has_constant_inputs(graph);
}

TEST(ConstantInputs, OfAGatherCount) {
    EXPECT_TRUE(flagged([](const Tensor&) { return take(numbers(), places()); }));
    EXPECT_TRUE(flagged([](const Tensor& x) {
        return reshape(x, {4}) + concatenate({take(numbers() * numbers(), places()), take(x, places())}, 0);
    }));
}

TEST(ConstantInputs, OfAMaximumAndABooleanAdditionCount) {
    EXPECT_TRUE(flagged([](const Tensor&) { return maximum(numbers(), iota({4}, 0, DataType::FLOAT32)); }));
    EXPECT_TRUE(flagged(
        [](const Tensor& x) { return select(add(less(numbers(), numbers()), less(numbers(), numbers())), x, x); }));
}

TEST(ConstantInputs, WithAParameterAmongThemDoNotCount) {
    EXPECT_FALSE(flagged([](const Tensor& x) { return take(x, places()); }));
    EXPECT_FALSE(flagged([](const Tensor& x) { return maximum(x, numbers()); }));
}

TEST(ConstantInputs, OfACausalMaskDoNotCount) {
    EXPECT_FALSE(flagged([](const Tensor& x) { return select(iota({4}) >= 2, x, numbers()); }));
}

TEST(ConstantInputs, AreFoundInRegions) {
    EXPECT_TRUE(flagged([](const Tensor& x) {
        const auto branch = [](const Tensors&) { return Tensors{maximum(numbers(), numbers())}; };
        return switch_case(constant(HostArray::scalar<std::int32_t>(0)), {branch, branch}, {x})[0];
    }));
}

}  // namespace
}  // namespace podium
