#include "podium/ir/elementwise.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "podium/base/expect_error.h"
#include "podium/ir/creation.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"
#include "tests/support/gradient.h"
#include "tests/support/interpreted.h"
#include "tests/support/oracle.h"

namespace podium {
namespace {

using test::expect_gradient;
using test::sample;

/// JAX's spelling of each row that takes operands of one type (and, where the row says so, a condition).
const std::map<std::string_view, std::string> JAX{
    {"abs", "lax.abs(*x)"},
    {"negate", "lax.neg(*x)"},
    {"sign", "lax.sign(*x)"},
    {"exp", "lax.exp(*x)"},
    {"expm1", "lax.expm1(*x)"},
    {"log", "lax.log(*x)"},
    {"log1p", "lax.log1p(*x)"},
    {"sqrt", "lax.sqrt(*x)"},
    {"rsqrt", "lax.rsqrt(*x)"},
    {"tanh", "lax.tanh(*x)"},
    {"logistic", "lax.logistic(*x)"},
    {"sin", "lax.sin(*x)"},
    {"cos", "lax.cos(*x)"},
    {"floor", "lax.floor(*x)"},
    {"ceil", "lax.ceil(*x)"},
    {"is_finite", "lax.is_finite(*x)"},
    {"logical_not", "lax.bitwise_not(*x)"},
    {"add", "x[0] + x[1]"},
    {"subtract", "lax.sub(*x)"},
    {"multiply", "x[0] * x[1]"},
    {"divide", "lax.div(*x)"},
    {"maximum", "lax.max(*x)"},
    {"minimum", "lax.min(*x)"},
    {"power", "lax.pow(*x)"},
    {"remainder", "lax.rem(*x)"},
    {"logical_and", "lax.bitwise_and(*x)"},
    {"logical_or", "lax.bitwise_or(*x)"},
    {"logical_xor", "lax.bitwise_xor(*x)"},
    {"shift_left", "lax.shift_left(*x)"},
    {"shift_right_logical", "lax.shift_right_logical(*x)"},
    {"shift_right_arithmetic", "lax.shift_right_arithmetic(*x)"},
    {"equal", "lax.eq(*x)"},
    {"not_equal", "lax.ne(*x)"},
    {"less", "lax.lt(*x)"},
    {"less_equal", "lax.le(*x)"},
    {"greater", "lax.gt(*x)"},
    {"greater_equal", "lax.ge(*x)"},
    {"select", "lax.select(*x)"},
    {"cbrt", "lax.cbrt(*x)"},
    {"tan", "lax.tan(*x)"},
    {"round", "lax.round(x[0], lax.RoundingMethod.TO_NEAREST_EVEN)"},
    {"round_half_away", "lax.round(x[0], lax.RoundingMethod.AWAY_FROM_ZERO)"},
    {"real", "jnp.real(x[0])"},
    {"imag", "jnp.imag(x[0])"},
    {"popcnt", "lax.population_count(*x)"},
    {"count_leading_zeros", "lax.clz(*x)"},
    {"acos", "lax.acos(*x)"},
    {"acosh", "lax.acosh(*x)"},
    {"asin", "lax.asin(*x)"},
    {"asinh", "lax.asinh(*x)"},
    {"atan", "lax.atan(*x)"},
    {"atanh", "lax.atanh(*x)"},
    {"sinh", "lax.sinh(*x)"},
    {"cosh", "lax.cosh(*x)"},
    {"erf", "lax.erf(*x)"},
    {"erfc", "lax.erfc(*x)"},
    {"erf_inv", "lax.erf_inv(*x)"},
    {"lgamma", "lax.lgamma(*x)"},
    {"digamma", "lax.digamma(*x)"},
    {"bessel_i1e", "lax.bessel_i1e(*x)"},
    {"bessel_i0e", "lax.bessel_i0e(*x)"},
    {"is_inf", "jnp.isinf(*x)"},
    {"is_pos_inf", "jnp.isposinf(*x)"},
    {"is_neg_inf", "jnp.isneginf(*x)"},
    {"atan2", "lax.atan2(*x)"},
    {"complex", "lax.complex(*x)"},
    {"next_after", "lax.nextafter(*x)"},
    {"polygamma", "lax.polygamma(*x)"},
    {"zeta", "lax.zeta(*x)"},
    {"reduce_precision", "lax.reduce_precision(x[0], 5, 3)"},
    {"clamp", "lax.clamp(*x)"},
    {"convert", "x[0]"},
    {"stop_gradient", "lax.stop_gradient(x[0])"},
};

std::size_t operand_count(const Op& op) { return static_cast<std::size_t>(std::max(op.arity, 1)); }

Tensor record_row(const Op& op, const std::vector<HostArray>& operands) {
    Tensors inputs;
    for (const auto& operand : operands) inputs.push_back(constant(operand));
    return record({.op = op,
                   .shape = Shape(result_type(op.gives, inputs.back().type()), inputs.back().dims()),
                   .operands = inputs,
                   .attributes = {{5}, {3}}});  // of reduce_precision
}

/// Returns numbers of the row's domain, then the edges of the type; each operand meets each other's edges.
HostArray operand_of(const Op& op, DataType type, std::size_t position) {
    if (op.condition && position == 0) type = DataType::BOOL;
    std::vector<Number> edges;
    if (type == DataType::FLOAT4_E2M1FN) {
        edges = {0.0, 1.0, -1.0, 4.0, -0.5};  // it has no infinity, and JAX takes 6 for one
    } else if (is_float(type)) {
        constexpr double INF = std::numeric_limits<double>::infinity();
        edges = {0.0, 1.0, -1.0, INF, -INF, std::nan("")};
    } else if (is_complex(type)) {
        edges = {Complex128(0, 1), Complex128(2, -3), Complex128(0.5, 0.5)};  // the plugins differ at infinities
    } else if (type == DataType::BOOL) {
        edges = {std::uint64_t{0}, std::uint64_t{1}};
    } else if (is_signed_integer(type)) {
        const std::int64_t least = std::int64_t{-1} << (size_bits(type) - 1);
        edges = {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, least, -(least + 1), std::int64_t{33}};
    } else {
        edges = {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{33}};
    }
    const auto count = static_cast<std::int64_t>(edges.size());
    const std::int64_t drawn = 20;
    HostArray array(Shape(type, {drawn + count * count}));
    const HostArray middle = sample(Shape(is_complex(type) ? type : DataType::FLOAT64, {drawn}), op.domain.low,
                                    op.domain.high, 7 + position);
    for (std::int64_t i = 0; i < drawn; ++i)
        if (is_inexact(type))
            store(array, i, load(middle, i));
        else
            store(array, i, static_cast<std::int64_t>(middle.as_double(i) * 9));
    for (std::int64_t i = 0; i < count * count; ++i)
        store(array, drawn + i, edges[static_cast<std::size_t>(position == 0 ? i / count : i % count)]);
    return array;
}

TEST(Elementwise, EveryRowGivesJaxsValuesForEveryTypeItTakes) {
    test::Oracle oracle;
    for (const Op* op : elementwise_ops()) {
        if (op == &rows::bitcast_convert) continue;  // it is beside the conversions
        ASSERT_TRUE(JAX.contains(op->name)) << op->name << " has no JAX spelling here";
        for (std::size_t t = 0; t < DATA_TYPE_COUNT; ++t) {
            const auto type = static_cast<DataType>(t);
            const bool like_another = type == DataType::INT16 || type == DataType::UINT16;  // saves Python's time
            const bool unknown = (size_bits(type) < 8 && type != DataType::BOOL) ||         // to JAX's arithmetic
                                 (is_float(type) && size_bits(type) == 8) || (op == &power && is_integer(type));
            if (!takes(op->types, type) || like_another || unknown) continue;
            std::vector<HostArray> operands;
            for (std::size_t i = 0; i < operand_count(*op); ++i) operands.push_back(operand_of(*op, type, i));
            if (op->condition) operands[0] = sample(Shape(DataType::BOOL, operands[1].shape().dims), 0, 2);
            if (op->name == "clamp") {  // the specification leaves low > high open
                operands[0] = operand_of(minimum, type, 0);
                operands[2] = operand_of(minimum, type, 0);
            }
            oracle.expect(JAX.at(op->name), operands, test::interpreted({record_row(*op, operands)})[0]);
        }
    }
    oracle.check();
}

TEST(Elementwise, ConversionsBetweenAllTypesGiveJaxsValues) {
    test::Oracle oracle;
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i)
        for (std::size_t k = 0; k < DATA_TYPE_COUNT; ++k) {
            const auto from = static_cast<DataType>(i), to = static_cast<DataType>(k);
            const HostArray operand = operand_of(rows::convert, from, 0);
            const HostArray numpy_name(Shape(to, {}));  // carries the type to Python
            oracle.expect("lax.convert_element_type(x[0], x[1].dtype)", {operand, numpy_name},
                          test::interpreted({convert(constant(operand), to)})[0]);
            const auto is_plain = [](DataType type) { return is_integer(type) || is_float(type); };
            if (size_bits(from) == size_bits(to) && is_plain(from) && is_plain(to))
                oracle.expect("lax.bitcast_convert_type(x[0], x[1].dtype)", {operand, numpy_name},
                              test::interpreted({bitcast_convert(constant(operand), to)})[0]);
        }
    oracle.check();
}

TEST(Elementwise, BitcastsBetweenWidthsGiveJaxsValues) {
    test::Oracle oracle;
    const HostArray wide = sample(Shape(DataType::FLOAT64, {2, 3})),
                    bytes = sample(Shape(DataType::UINT8, {3, 4}), 0, 255);
    const auto expect = [&](const HostArray& x, DataType type) {
        oracle.expect("lax.bitcast_convert_type(x[0], x[1].dtype)", {x, HostArray(Shape(type, {}))},
                      test::interpreted({bitcast_convert(constant(x), type)})[0]);
    };
    expect(wide, DataType::UINT32);
    expect(wide, DataType::BFLOAT16);
    expect(wide, DataType::UINT8);
    expect(bytes, DataType::FLOAT32);
    expect(bytes, DataType::UINT4);
    expect(bytes, DataType::INT4);
    oracle.check();
}

/// The cotangents of complex operands have no central differences here: JAX says what they are.
TEST(Elementwise, EveryVjpOfComplexNumbersIsJaxs) {
    test::Oracle oracle;
    for (const Op* op : elementwise_ops()) {
        const bool parts = op->types == Types::PARTS;
        if (!op->vjp || op->arity == 0 || !(parts || takes(op->types, DataType::COMPLEX128))) continue;
        const Shape operand(parts ? DataType::FLOAT64 : DataType::COMPLEX128, {7});
        std::vector<HostArray> inputs;
        for (std::size_t i = 0; i < operand_count(*op); ++i)
            inputs.push_back(sample(op->condition && i == 0 ? Shape(DataType::BOOL, {7}) : operand, op->domain.low,
                                    op->condition && i == 0 ? 2.0 : op->domain.high, 7 + i));
        inputs.push_back(sample(Shape(result_type(op->gives, operand.type), {7}), -1, 1, 3));
        const auto gradients = test::run(
            [&](const Tensors& in) {
                const Tensors operands(in.begin(), in.end() - 1);
                const Tensor result = record({.op = *op, .shape = in.back().shape(), .operands = operands});
                Tensors found;
                for (const auto& gradient : pullback({result}, {in.back()}, operands).gradients)
                    if (gradient.defined()) found.push_back(gradient);
                return found;
            },
            inputs);
        std::size_t next = 0;
        for (std::size_t i = op->condition ? 1 : 0; i < operand_count(*op); ++i)
            oracle.expect(fmt::format("jax.vjp(lambda *x: {}, *x[:-1])[1](x[-1])[{}]", JAX.at(op->name), i), inputs,
                          gradients[next++], 1e-12);
    }
    oracle.check();
}

TEST(Elementwise, EveryVjpMatchesCentralDifferences) {
    const Shape shape(DataType::FLOAT64, {3, 4});
    for (const Op* op : elementwise_ops()) {
        if (!op->vjp) continue;
        SCOPED_TRACE(op->name);
        const bool by_order = op == &polygamma || op == &zeta;  // whose first operands have no derivative
        std::vector<HostArray> inputs;
        for (std::size_t i = 0; i < operand_count(*op); ++i)
            inputs.push_back(sample(op->condition && i == 0 ? Shape(DataType::BOOL, shape.dims) : shape, op->domain.low,
                                    op->condition && i == 0 ? 2.0 : op->domain.high, 7 + i));
        const auto call = [&](const Tensors& in) {
            Tensors operands = in;
            if (by_order) operands[0] = full(shape.dims, 2.0, DataType::FLOAT64);
            return Tensors{record({.op = *op,
                                   .shape = Shape(result_type(op->gives, in.back().type()), in.back().dims()),
                                   .operands = operands,
                                   .attributes = {{11}, {52}}})};
        };
        expect_gradient(call, inputs);
        test::expect_mapped(call, inputs);
    }
}

TEST(Elementwise, SecondDerivativesMatchCentralDifferences) {
    const HostArray x = sample(Shape(DataType::FLOAT64, {5}), 0.5, 1.5),
                    y = sample(Shape(DataType::FLOAT64, {5}), 1, 2);
    const auto twice = [&](const TensorFunction& f) { expect_gradient(test::gradient_of(f), {x, y}); };
    twice([](const Tensors& in) { return Tensors{tanh(in[0]) * logistic(in[1])}; });
    twice([](const Tensors& in) { return Tensors{power(in[0], in[1]) / sqrt(in[0])}; });
    twice([](const Tensors& in) { return Tensors{rsqrt(in[0]) * log1p(in[1]) + expm1(in[0] * in[1])}; });
}

TEST(Elementwise, GradientsOfBroadcastOperandsAreSummed) {
    expect_gradient([](const Tensors& in) { return Tensors{in[0] * in[1] + in[2]}; },
                    {sample(Shape(DataType::FLOAT64, {3, 4})), sample(Shape(DataType::FLOAT64, {4}), -2, 2, 2),
                     sample(Shape(DataType::FLOAT64, {3, 1}), -2, 2, 3)});
}

TEST(Elementwise, TiesShareTheGradient) {
    const HostArray x = HostArray::of<double>({2}, std::vector<double>{1, 2});
    const auto gradients =
        test::run(test::gradient_of([](const Tensors& in) { return Tensors{maximum(in[0], in[1])}; }), {x, x});
    EXPECT_EQ(gradients[0], gradients[1]);
}

TEST(Elementwise, ConvertHandsTheGradientOnAndStopGradientDoesNot) {
    const HostArray x = sample(Shape(DataType::FLOAT64, {3}));
    expect_gradient([](const Tensors& in) { return Tensors{convert(in[0], DataType::FLOAT32) * 3}; }, {x},
                    {.step = 0.5, .tolerance = 1e-5});
    const auto gradient = [&](const TensorFunction& f) { return test::run(test::gradient_of(f), {x})[0]; };
    EXPECT_EQ(gradient([](const Tensors& in) { return Tensors{stop_gradient(in[0]) * in[0]}; }),
              gradient([&](const Tensors& in) { return Tensors{constant(x) * in[0]}; }));
}

TEST(Elementwise, NumbersTakeTheTensorsType) {
    const Tensor x = constant(HostArray::of<std::uint32_t>({2}, std::vector<std::uint32_t>{1, 2}));
    EXPECT_EQ(to_string((x + 1).shape()), "u32[2]");
    EXPECT_EQ(to_string((1.5 * zeros({2}, DataType::BFLOAT16)).shape()), "bf16[2]");
    expect_error(Code::DTYPE_MISMATCH, "the number 1.5 does not fit u32", [&] { x + 1.5; });
}

TEST(Elementwise, ScalarsMustFitTheTypeTheyTake) {
    const Tensor x = zeros({2}, DataType::INT8);
    expect_error(Code::DTYPE_MISMATCH, "the number 300 does not fit i8", [&] { x + 300; });
}

TEST(Elementwise, AddNamesBothShapesWhenTheyDoNotBroadcast) {
    expect_error(Code::SHAPE_MISMATCH, "add: cannot broadcast f32[2,3] with f32[4]", [] {
        add(zeros({2, 3}), zeros({4}));
    });
    expect_error(Code::SHAPE_MISMATCH, "select: cannot broadcast bool[2] with f32[3]",
                 [] { select(zeros({2}, DataType::BOOL), zeros({3}), 0.0); });
}

TEST(Elementwise, OperandsOfDifferentTypesAreNamed) {
    expect_error(Code::DTYPE_MISMATCH, "add: data types differ: f32[2] and bf16[2]; convert one of them",
                 [] { zeros({2}) + zeros({2}, DataType::BFLOAT16); });
    expect_error(Code::DTYPE_MISMATCH, "tanh: takes floating-point and complex numbers, got i32[2]",
                 [] { tanh(zeros({2}, DataType::INT32)); });
    expect_error(Code::DTYPE_MISMATCH, "logical_and: takes booleans and integers, got f32[2]",
                 [] { zeros({2}) & zeros({2}); });
    expect_error(Code::DTYPE_MISMATCH, "select: the condition must be bool, got f32[2]",
                 [] { select(zeros({2}), zeros({2}), 0.0); });
    expect_error(Code::DTYPE_MISMATCH,
                 "bitcast_convert: f32[3] has no bits to read as f64; its last dimension must be 2",
                 [] { bitcast_convert(zeros({3}), DataType::FLOAT64); });
    expect_error(Code::DTYPE_MISMATCH, "floor: takes floating-point numbers, got c64[2]",
                 [] { floor(zeros({2}, DataType::COMPLEX64)); });
    expect_error(Code::DTYPE_MISMATCH, "less: takes real numbers and booleans, got c64[2]",
                 [] { less(zeros({2}, DataType::COMPLEX64), 0.0); });
    expect_error(Code::DTYPE_MISMATCH, "complex: takes f32 and f64, got bf16[2]",
                 [] { complex(zeros({2}, DataType::BFLOAT16), 0.0); });
    expect_error(Code::INVALID_ARGUMENT, "reduce_precision: 0 bits of exponent",
                 [] { reduce_precision(zeros({2}), 0, 3); });
    expect_error(Code::DTYPE_MISMATCH, "sign: takes signed numbers, got bool[2]",
                 [] { sign(zeros({2}, DataType::BOOL)); });
    expect_error(Code::DTYPE_MISMATCH, "abs: takes signed numbers, got u8[2]",
                 [] { abs(zeros({2}, DataType::UINT8)); });
}

TEST(Elementwise, ErrorsCarryTheCallersLine) {
    const std::uint_least32_t line = std::source_location::current().line() + 2;
    try {
        zeros({2, 3}) + zeros({4});
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.context(), fmt::format("podium/ir/elementwise_test.cpp:{}", line));
    }
}

}  // namespace
}  // namespace podium
