#include "podium/ir/ops.h"

#include <gtest/gtest.h>

#include <set>

#include "podium/base/expect_error.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"

namespace podium {
namespace {

const Tensor& x() {
    static const Tensor X = constant(test::sample(Shape(DataType::FLOAT32, {4, 3})));
    return X;
}
Tensor at(std::int32_t index) { return scalar_of(DataType::INT32, index); }
Tensors same(const Tensors& tensors) { return tensors; }

/// One call for each row that is not elementwise.
Tensors structural_calls() {
    Tensors calls{
        tensor(test::interpreted({x()})[0]),
        iota({3}),
        broadcast_to(x(), {2, 4, 3}),
        reshape(x(), {12}),
        transpose(x()),
        slice(x(), {0, 0}, {2, 2}),
        dynamic_slice(x(), {at(1), at(1)}, {2, 2}),
        dynamic_update_slice(x(), x(), {at(0), at(0)}),
        pad(x(), 0, {1, 0}, {0, 0}),
        concatenate({x(), x()}, 0),
        reverse(x(), {0}),
        matmul(x(), transpose(x())),
        sum(x()),
        take(x(), at(1)),
        scatter(&add, x(), constant(HostArray::of<std::int32_t>({1}, std::vector<std::int32_t>{2})), zeros({1, 3}),
                {{1}, {0}, {0}, 1}),
        stop_gradient(x()),
        convert(x(), DataType::FLOAT64),
        bitcast_convert(x(), DataType::UINT32),
    };
    for (const auto& results :
         {while_loop([](const Tensors& t) { return Tensors{less(t[0], 3)}; },
                     [](const Tensors& t) { return Tensors{t[0] + 1}; }, {at(0)}),
          switch_case(at(0), {same, same}, {x()}), optimization_barrier({x()}), hold_until({x()}, {x()}),
          split(x(), 2, 0), scan_list([](const Tensors& t) { return Tensors{t[0] + t[1]}; }, {zeros({3})}, {x()}, 4),
          remat_list(same, {x()})})
        calls.insert(calls.end(), results.begin(), results.end());
    return calls;
}

/// A call of an elementwise row on zeros of the first type it takes.
Tensor elementwise_call(const Op& op) {
    const bool integers = op.types == Types::INTEGER || op.types == Types::LOGICAL;
    const Tensor operand = zeros({2}, integers ? DataType::INT32 : DataType::FLOAT32);
    Tensors operands{operand};
    // which of the three kinds of row it is shows in what users call
    if (const auto spelling = op.scalar; spelling.find("$1") != std::string_view::npos) operands.push_back(operand);
    if (op.scalar.find("$2") != std::string_view::npos) operands.push_back(operand);
    if (op.condition) operands[0] = zeros({2}, DataType::BOOL);
    return record(
        {.op = op, .shape = Shape(op.predicate ? DataType::BOOL : operand.type(), {2}), .operands = operands});
}

TEST(Ops, PiecesOfASplitLeaveOutTheAxesOfAMesh) {
    const TraceScope scope;
    Shape shape(DataType::FLOAT32, {4, 2});
    shape.axes = {"data"};
    for (const Tensor& piece : split(scope.parameter(shape), 2, 0)) EXPECT_TRUE(piece.shape().axes.empty());
}

TEST(Ops, TheInterpreterRunsEveryRow) {
    const TraceScope scope;
    Tensors calls = structural_calls();
    for (const Op* op : elementwise_ops())
        if (op->kind == Kind::ELEMENTWISE && !op->scalar.empty()) calls.push_back(elementwise_call(*op));
    const Tensor parameter = scope.parameter(Shape(DataType::FLOAT32, {}));
    calls.push_back(parameter);

    Graph graph;
    graph.parameters = {parameter};
    graph.results = calls;
    const auto results = interpret(graph, std::array{HostArray::scalar(1.0F)});
    for (std::size_t i = 0; i < calls.size(); ++i)
        EXPECT_EQ(results[i].shape(), calls[i].shape()) << calls[i]->op->name;

    std::set<const Op*> executed;
    for (const Node* node : topological(calls)) executed.insert(node->op);
    for (const Op* op : all_ops())
        if (op != &rows::all_reduce)  // which interp refuses: see Interp.RefusesAllReduce
            EXPECT_TRUE(executed.contains(op)) << op->name << " is not executed here: add a call";
}

TEST(Ops, EveryRowHasTheFieldsOfItsKind) {
    std::set<std::string_view> names;
    for (const Op* op : all_ops()) {
        SCOPED_TRACE(op->name);
        EXPECT_FALSE(op->name.empty());
        EXPECT_TRUE(names.insert(op->name).second) << "two rows of one name";
        EXPECT_FALSE(op->spec.empty());
        EXPECT_LT(op->domain.low, op->domain.high);
        EXPECT_TRUE(op->vjp.function != nullptr || !op->vjp.reason.empty());
        switch (op->kind) {
            case Kind::ELEMENTWISE: {
                const auto& r = op->reference;
                EXPECT_NE(op->evaluate != nullptr, r.f64 != nullptr || r.i64 != nullptr || r.u64 != nullptr)
                    << "one way to evaluate, not none and not two";
                EXPECT_TRUE(op->stablehlo.starts_with("stablehlo."));
                EXPECT_NE(op->scalar.empty(), op == &rows::convert || op == &rows::bitcast_convert ? false : true)
                    << "kernels need a spelling, but for conversions, whose spelling depends on the type";
                break;
            }
            case Kind::STRUCTURAL:
                EXPECT_TRUE(op->stablehlo.starts_with("stablehlo."));
                EXPECT_EQ(op->evaluate == nullptr, op == &rows::all_reduce);
                break;
            case Kind::COMPOSITE: EXPECT_NE(op->expand, nullptr); break;
            case Kind::CONSTANT: EXPECT_EQ(op->stablehlo, "stablehlo.constant"); break;
            case Kind::PARAMETER:
            case Kind::EVALUATED:
            case Kind::RESULT: EXPECT_TRUE(op->stablehlo.empty()); break;
        }
    }
}

TEST(Ops, RowsThatGiveNoGradientSayWhyWhenTheyAreAskedFor) {
    for (const Op* op : all_ops())
        if (!op->vjp) EXPECT_GT(op->vjp.reason.size(), 10) << op->name;
}

}  // namespace
}  // namespace podium
