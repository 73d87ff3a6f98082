#include "podium/ir/ops.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "podium/base/expect_error.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"
#include "tests/support/operators.h"

namespace podium {
namespace {

const Tensor& x() {
    static const Tensor X = constant(test::sample(Shape(DataType::FLOAT32, {4, 3})));
    return X;
}
Tensor at(std::int32_t index) { return scalar_of(DataType::INT32, index); }
Tensors same(const Tensors& tensors) { return tensors; }
Tensor sizes_of(const std::vector<std::int64_t>& sizes) {
    return constant(HostArray::of({static_cast<std::int64_t>(sizes.size())}, sizes));
}

Tensor attention_and_back(const Tensor& q) {
    const Tensor result = attention(q, q, q);
    return pullback({result}, {result}, {q}).gradients[0];
}

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
        reduce_precision(x(), 5, 3),
        sort(x()),
        top_k(x(), 2).values,
        cumulative_sum(x(), 0),
        reduce_window(add, x(), 0, {.sizes = {2, 1}}),
        select_and_scatter(greater_equal, x(), x(), {.sizes = {1, 1}}),
        select_and_gather(greater_equal, x(), x(), {.sizes = {1, 1}}),
        convolution(x(), transpose(x()), {.dimensions = {0, 1, {}, 0, 1, {}, 0, 1, {}}}),
        cholesky(eye(2)),
        triangular_solve(eye(2), eye(2)),
        fft(x(), FftType::RFFT, {3}),
        batch_norm_training(x(), zeros({3}), zeros({3}), 0.1, 1).mean,
        batch_norm_inference(x(), zeros({3}), zeros({3}), zeros({3}), ones({3}), 0.1, 1),
        batch_norm_grad(x(), zeros({3}), zeros({3}), ones({3}), x(), 0.1, 1).x,
        attention_and_back(reshape(x(), {1, 4, 1, 3})),
        dynamic_broadcast_in_dim(x(), sizes_of({4, 3}), {4, 3}, {0, 1}),
        dynamic_iota(sizes_of({4}), {4}, 0),
        dynamic_reshape(x(), sizes_of({12}), {12}),
        dynamic_pad(x(), 0, sizes_of({0, 0}), sizes_of({0, 0}), sizes_of({0, 0}), {4, 3}),
        dynamic_gather(x(), at(1), sizes_of({1, 3}),
                       {.offset = {0}, .collapsed = {0}, .start_index_map = {0}, .slice_sizes = {1, 3}}),
        dynamic_conv(x(), transpose(x()), zeros({0, 2}, DataType::INT64),
                     {.dimensions = {0, 1, {}, 0, 1, {}, 0, 1, {}}}),
        get_dimension_size(x(), 0),
        uniform_dequantize(uniform_quantize(x(), {.scale = ones({})}), {.scale = ones({})}),
        fake_quantize(x(), {.scale = ones({})}),
        rng(zeros({}), 1, {3}, RngDistribution::UNIFORM),
        rng_bit_generator(zeros({2}, DataType::UINT64), {3}).bits,
        through_tuple({x()})[0],
        composite("c", same, {x()})[0],
        map_elements(same, {x()}),
        asynchronously(
            [](const Tensor& t) {
                return slice(t, {0, 0}, {1, 1});
            },
            x()),
        bessel_i0e(x()),
        with_sharding(x(), Mesh({{"data", 2}}, {DeviceType::INTERP, {}}), {"data"}),
    };
    for (const auto& results :
         {while_loop([](const Tensors& t) { return Tensors{less(t[0], 3)}; },
                     [](const Tensors& t) { return Tensors{t[0] + 1}; }, {at(0)}),
          switch_case(at(0), {same, same}, {x()}), cond(ones({}, DataType::BOOL), same, same, {x()}),
          optimization_barrier({x()}), hold_until({x()}, {x()}), split(x(), 2, 0),
          scan_list([](const Tensors& t) { return Tensors{t[0] + t[1]}; }, {zeros({3})}, {x()}, 4),
          remat_list(same, {x()}), Tensors{named(x(), "x")}, Tensors{check(x(), less(x(), 9), "small")},
          Tensors{record({.op = rows::stored, .shape = x().shape(), .operands = {x(), x()}})},
          custom_vjp_list(same, same, same, {x()}),
          custom_jvp_list(same, [](const Tensors& t) { return Tensors{t[1]}; }, {x()}),
          test::call_scaled_rows({zeros({2, 3}, DataType::FLOAT64), zeros({3}, DataType::FLOAT64)})})
        calls.insert(calls.end(), results.begin(), results.end());
    return calls;
}

/// What is not podium's to compute: a foreign function, and transfers between host and device.
bool has_no_reference(const Op& op) {
    return &op == &rows::custom_call || &op == &rows::infeed || &op == &rows::outfeed || &op == &rows::send ||
           &op == &rows::recv;
}

/// A call of an elementwise row on zeros of the first type it takes.
Tensor elementwise_call(const Op& op) {
    const bool integers = op.types == Types::INTEGER || op.types == Types::LOGICAL;
    const Tensor operand = zeros({2}, integers ? DataType::INT32 : DataType::FLOAT32);
    Tensors operands(static_cast<std::size_t>(op.arity), operand);
    if (op.condition) operands[0] = zeros({2}, DataType::BOOL);
    return record({.op = op, .shape = Shape(result_type(op.gives, operand.type()), {2}), .operands = operands});
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
        if (op->arity > 0) calls.push_back(elementwise_call(*op));
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
        if (op->together == nullptr && !has_no_reference(*op) &&
            op != &rows::after_all)  // interp refuses those: see Interp.Refuses…
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
                EXPECT_NE(op->evaluate != nullptr, r.f64 != nullptr || r.i64 != nullptr || r.c128 != nullptr)
                    << "one way to evaluate, not none and not two";
                EXPECT_TRUE(op->stablehlo.starts_with("stablehlo.") || op->stablehlo.starts_with("chlo."));
                EXPECT_EQ(op->scalar.empty(), op->arity == 0)
                    << "kernels need a spelling, but for conversions, whose spelling depends on the type";
                break;
            }
            case Kind::STRUCTURAL:
                EXPECT_TRUE(op->stablehlo.starts_with("stablehlo.") || op->stablehlo.starts_with("chlo.") ||
                            op->stablehlo.starts_with("sdy."));
                EXPECT_EQ((op->evaluate != nullptr) + (op->together != nullptr) + is_made_of_others(*op),
                          has_no_reference(*op) ? 0 : 1)
                    << "one reference, not none and not two";
                break;
            case Kind::COMPOSITE: EXPECT_NE(op->expand, nullptr); break;
            case Kind::CONSTANT: EXPECT_EQ(op->stablehlo, "stablehlo.constant"); break;
            case Kind::PARAMETER:
            case Kind::EVALUATED: EXPECT_TRUE(op->stablehlo.empty()); break;
            case Kind::RESULT: break;
        }
    }
}

/// The operations of StableHLO's specification, chapter "Ops".
constexpr std::string_view SPECIFIED = R"(
abs add after_all all_gather all_reduce all_to_all and async_done async_start atan2 batch_norm_grad
batch_norm_inference batch_norm_training bitcast_convert broadcast_in_dim case cbrt ceil cholesky clamp
collective_broadcast collective_permute collective_reduce compare complex composite concatenate constant convert
convolution cosine count_leading_zeros custom_call divide dot_general dynamic_broadcast_in_dim dynamic_conv
dynamic_gather dynamic_iota dynamic_pad dynamic_reshape dynamic_slice dynamic_update_slice exponential
exponential_minus_one fft floor gather get_dimension_size get_tuple_element if imag infeed iota is_finite log
log_plus_one logistic map maximum minimum multiply negate not optimization_barrier or outfeed pad partition_id popcnt
power real recv reduce reduce_precision reduce_scatter reduce_window remainder replica_id reshape reverse rng
rng_bit_generator round_nearest_afz round_nearest_even rsqrt scatter select select_and_scatter send shift_left
shift_right_arithmetic shift_right_logical sign sine slice sort sqrt subtract tan tanh transpose triangular_solve
tuple uniform_dequantize uniform_quantize while xor)";

TEST(Ops, EveryOperationOfTheSpecificationIsARow) {
    std::set<std::string_view> found;
    for (const Op* op : all_ops()) {
        if (op->stablehlo.starts_with("stablehlo.")) found.insert(op->stablehlo.substr(op->stablehlo.find('.') + 1));
        if (op->kind == Kind::COMPOSITE && op->spec.starts_with("StableHLO")) found.insert(op->name);
    }
    std::istringstream names{std::string(SPECIFIED)};
    int count = 0;
    for (std::string name; names >> name; ++count) EXPECT_TRUE(found.contains(name)) << name;
    EXPECT_EQ(count, 108);
}

/// Rows that have no derivative in mathematics: they take nothing, draw, or carry to and from the host.
const std::set<std::string_view> WITHOUT_DERIVATIVE{
    "constant",   "iota",   "rng",  "dynamic_pad", "next_after", "after_all",         "partition_id", "replica_id",
    "async_done", "infeed", "send", "outfeed",     "recv",       "get_tuple_element", "tuple",        "custom_call"};

TEST(Ops, EveryDifferentiableRowHasBothGradients) {
    for (const Op* op : all_ops()) {
        const bool flat = op->vjp.reason == FLAT || op->vjp.reason == NOT_DIFFERENTIABLE;
        if (op->stablehlo.empty() || flat || WITHOUT_DERIVATIVE.contains(op->name)) continue;
        EXPECT_TRUE(op->vjp) << op->name << ": " << op->vjp.reason;
        EXPECT_TRUE(op->jvp || op->jvp.reason.empty()) << op->name << ": " << op->jvp.reason;
    }
}

TEST(Ops, RowsThatGiveNoGradientSayWhyWhenTheyAreAskedFor) {
    for (const Op* op : all_ops())
        if (!op->vjp) EXPECT_GT(op->vjp.reason.size(), 10) << op->name;
}

}  // namespace
}  // namespace podium
