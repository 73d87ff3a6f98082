#include <gtest/gtest.h>

#include "podium/base/expect_error.h"
#include "podium/emit/stablehlo.h"
#include "podium/ir/ops.h"
#include "podium/ir/pullback.h"

namespace podium {
namespace {

Operand here(const Tensor& tensor) {
    Location location;
    location.file = "examples/model.cpp";
    location.line = 7;
    return {tensor, location};
}

TEST(Emit, FunctionsOfSeveralOpsAndGradientsBelongToTheLineThatCalledThem) {
    const TraceScope scope;
    const Tensor x = scope.parameter(Shape(DataType::FLOAT32, {2, 3})),
                 w = scope.parameter(Shape(DataType::FLOAT32, {2, 3, 4})),
                 i = scope.parameter(Shape(DataType::INT32, {2}));
    Tensor y = mean(here(x));
    for (const Tensor& part : {logsumexp(here(x), 1), max(here(x), {1}, true), take_last(here(x), here(i)),
                               matmul(here(x), here(w)), here(x).tensor()})
        y = add(here(y), sum(here(part)));
    Tensors results = pullback({y}, {y}, {x}).gradients;
    results.push_back(argmax(here(x), 1));
    results.push_back(one_hot(here(i), 3));
    for (const Node* node : topological(results))
        if (node->op->kind != Kind::PARAMETER)
            EXPECT_EQ(to_string(node->location), "examples/model.cpp:7") << node->op->name;
}

TEST(Emit, AValueOfAnotherTraceIsNamedByItsLine) {
    const TraceScope inner, outer;
    Graph graph;
    graph.results = {tanh(inner.parameter(Shape(DataType::FLOAT32, {2})))};
    expect_error(Code::TRACED_VALUE, "another trace", [&] { stablehlo(graph, Mesh(Device(DeviceType::CPU))); });
}

}  // namespace
}  // namespace podium
