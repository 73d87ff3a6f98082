#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// A row of a unary or binary operation of podium's, in f32 where numbers are shorter.
template <const Unary& OPERATION>
Tensors unary(const Call& call) {
    return {computed_wide(call.in(0), [](const Tensor& x) { return OPERATION(x); })};
}
template <const Binary& OPERATION>
Tensors binary(const Call& call) {
    return {OPERATION(call.in(0), call.in(1))};
}

/// Returns the inputs, two and two, combined.
template <const Binary& OPERATION>
Tensors folded(const Call& call) {
    Tensor all = call.in(0);
    for (std::size_t i = 1; i < call.count(); ++i) all = OPERATION(all, call.in(i));
    return {all};
}

Tensors mean_of_inputs(const Call& call) { return {folded<add>(call)[0] / static_cast<double>(call.count())}; }

/// ONNX's remainder has the sign of the divisor, unless fmod is set: then that of the dividend.
Tensors mod(const Call& call) {
    const Tensor &x = call.in(0), &y = call.in(1);
    const Tensor rest = remainder(x, y);
    if (call.flag("fmod") || is_unsigned(x.type())) return {rest};
    const Tensor zero = zeros_like(rest);
    const Tensor other_sign = logical_xor(less(rest, zero), less(y, zero));
    return {select(logical_and(not_equal(rest, zero), other_sign), rest + y, rest)};
}

Tensors pow(const Call& call) {
    const Tensor &x = call.in(0), &y = call.in(1);
    if (is_float(x.type()) || is_integer(y.type())) return {power(x, convert(y, x.type()))};
    return {convert(power(convert(x, y.type()), y), x.type())};
}

Tensors clip_to(const Call& call) {
    Tensor x = call.in(0);
    const bool by_attributes = call.opset() < 11;
    if (by_attributes) {
        if (call.has("min")) x = maximum(x, call.real("min", 0));
        if (call.has("max")) x = minimum(x, call.real("max", 0));
        return {x};
    }
    if (call.has(1)) x = maximum(x, call.in(1));
    if (call.has(2)) x = minimum(x, call.in(2));
    return {x};
}

Tensors cast_to(const Call& call) {
    const auto number = call.integer("to", 1);
    const auto type = data_type_numbered(number);
    if (!type) call.refuse(fmt::format("element type {} is of no numbers", number));
    return {cast(call.in(0), *type, call.flag("saturate", true))};
}

Tensors bit_cast(const Call& call) {
    const auto type = data_type_numbered(call.integer("to", 1));
    if (!type) call.refuse("it casts to a type that is of no numbers");
    if (size_bytes(*type) != size_bytes(call.in(0).type())) call.refuse("the types' sizes differ");
    if (*type == DataType::BOOL) return {not_equal(bitcast_convert(call.in(0), DataType::UINT8), std::uint8_t{0})};
    const bool from_bool = call.in(0).type() == DataType::BOOL;
    return {bitcast_convert(from_bool ? convert(call.in(0), DataType::UINT8) : call.in(0), *type)};
}

Tensors is_infinite(const Call& call) {
    const bool positive = call.flag("detect_positive", true), negative = call.flag("detect_negative", true);
    const Tensor x = size_bytes(call.in(0).type()) < 4 ? convert(call.in(0), DataType::FLOAT32) : call.in(0);
    if (positive && negative) return {is_inf(x)};
    if (positive) return {is_pos_inf(x)};
    return {negative ? is_neg_inf(x) : zeros(x.dims(), DataType::BOOL)};
}

Tensors shift(const Call& call) {
    const Tensor &x = call.in(0), &by = call.in(1);
    return {call.text("direction", "LEFT") == "LEFT" ? shift_left(x, by) : shift_right_logical(x, by)};
}

Tensors bitwise_not(const Call& call) { return {logical_not(call.in(0))}; }

Tensors reciprocal(const Call& call) {
    return {computed_wide(call.in(0), [](const Tensor& x) { return 1.0 / x; })};
}

/// Returns sign(x) of any numbers: unsigned ones have it too.
Tensors sign_of(const Call& call) {
    const Tensor& x = call.in(0);
    if (is_unsigned(x.type())) return {minimum(x, ones_like(x))};
    return unary<sign>(call);
}

Tensors absolute(const Call& call) {
    if (is_unsigned(call.in(0).type())) return {call.in(0)};
    return unary<abs>(call);
}

constexpr NodeRow ELEMENTWISE_ROWS[] = {
    {"", "Abs", 1, absolute},
    {"", "Acos", 1, unary<acos>},
    {"", "Acosh", 1, unary<acosh>},
    {"", "Add", 1, binary<add>},
    {"", "Asin", 1, unary<asin>},
    {"", "Asinh", 1, unary<asinh>},
    {"", "Atan", 1, unary<atan>},
    {"", "Atanh", 1, unary<atanh>},
    {"", "BitCast", 1, bit_cast},
    {"", "BitShift", 1, shift},
    {"", "BitwiseAnd", 1, binary<logical_and>},
    {"", "BitwiseNot", 1, bitwise_not},
    {"", "BitwiseOr", 1, binary<logical_or>},
    {"", "BitwiseXor", 1, binary<logical_xor>},
    {"", "Cast", 1, cast_to},
    {"", "CastLike", 1,
     [](const Call& call) -> Tensors { return {cast(call.in(0), call.in(1).type(), call.flag("saturate", true))}; }},
    {"", "Ceil", 1, unary<ceil>},
    {"", "Clip", 1, clip_to},
    {"", "Cos", 1, unary<cos>},
    {"", "Cosh", 1, unary<cosh>},
    {"", "Div", 1, binary<divide>},
    {"", "Erf", 1, unary<erf>},
    {"", "Exp", 1, unary<exp>},
    {"", "Floor", 1, unary<floor>},
    {"", "Identity", 1, [](const Call& call) -> Tensors { return {call.in(0)}; }},
    {"", "IsInf", 1, is_infinite},
    {"", "IsNaN", 1, [](const Call& call) -> Tensors { return {not_equal(call.in(0), call.in(0))}; }},
    {"", "Log", 1, unary<log>},
    {"", "Max", 1, folded<maximum>},
    {"", "Mean", 1, mean_of_inputs},
    {"", "Min", 1, folded<minimum>},
    {"", "Mod", 1, mod},
    {"", "Mul", 1, binary<multiply>},
    {"", "Neg", 1, unary<negate>},
    {"", "Pow", 1, pow},
    {"", "Reciprocal", 1, reciprocal},
    {"", "Round", 1, unary<round>},
    {"", "Sign", 1, sign_of},
    {"", "Sin", 1, unary<sin>},
    {"", "Sinh", 1, unary<sinh>},
    {"", "Sqrt", 1, unary<sqrt>},
    {"", "Sub", 1, binary<subtract>},
    {"", "Sum", 1, folded<add>},
    {"", "Tan", 1, unary<tan>},
    {"", "Tanh", 1, unary<tanh>},
};

}  // namespace

std::span<const NodeRow> elementwise_rows() { return ELEMENTWISE_ROWS; }

}  // namespace podium::onnx
