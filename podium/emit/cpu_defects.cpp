#include "podium/emit/cpu_defects.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "podium/base/dims.h"
#include "podium/ir/indexing_node.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

bool is_below_byte(DataType type) { return size_bits(type) < 8; }
bool is_narrow_integer(DataType type) { return is_integer(type) && is_below_byte(type); }

/// Scales and 4-bit numbers lose signs and saturate in other places than specified.
bool is_storage_only(DataType type) { return type == DataType::FLOAT4_E2M1FN || type == DataType::FLOAT8_E8M0FNU; }

/// True for rows that compute new numbers; the others move, compare or hold them.
bool computes(const Op& op) { return op.types != Types::ANY || &op == &add || &op == &multiply; }

/// Returns half of log((1 + x) / (1 - x)) for |x| < 1/7 by its series x + x^3/3 + ... up to x^19, the rest of which is
/// below half a unit.
Tensor atanh_series(const Tensor& x) {
    constexpr int LAST_POWER = 19;
    const Tensor square = x * x;
    Tensor sum = zeros_like(x);
    for (int power = LAST_POWER; power > 0; power -= 2) sum = sum * square + 1.0 / power;
    return x * sum;
}

/// Returns log(1 + x), near zero as twice atanh(x / (2 + x)).
Tensor corrected_log1p(const Tensor& x) {
    return select(less(abs(x), 0.25), atanh_series(x / (x + 2.0)) * 2.0, log(x + 1.0));
}

Tensor corrected_atanh(const Tensor& x) {
    return select(less(abs(x), 0.125), atanh_series(x), corrected_log1p(2.0 * x / (1.0 - x)) * 0.5);
}

/// Returns x to the y-th power by squaring: one step for each bit of y.
Tensor whole_power(const Tensor& x, const Tensor& y) {
    const auto bits = static_cast<std::int64_t>(size_bits(x.type()));
    const bool has_sign = is_signed_integer(x.type());
    Tensor result = ones_like(x), square = x;
    for (std::int64_t i = 0; i < bits - (has_sign ? 1 : 0); ++i) {
        const Tensor bit = logical_and(shift_right_logical(y, i), 1);
        result = select(equal(bit, 0), result, result * square);
        square = square * square;
    }
    if (!has_sign) return result;
    const Tensor sign = select(equal(logical_and(y, 1), 0), ones_like(x), x);
    const Tensor inverse = select(equal(x, 1), x, select(equal(x, -1), sign, zeros_like(x)));
    return select(less(y, 0), inverse, result);
}

/// Returns the integers' own bits in u8.
Tensor bits_in_byte(const Tensor& x) {
    const auto mask = (1 << size_bits(x.type())) - 1;
    return logical_and(convert(x, DataType::UINT8), mask);
}

/// Returns the node's value computed on whole bytes.
Tensor moved_in_bytes(const Node& node, const Tensors& operands) {
    const DataType wide = is_float(node.shape.type) ? DataType::FLOAT32 : DataType::INT8;
    Tensors widened;
    for (const auto& operand : operands) widened.push_back(convert(operand, wide));
    const Tensor moved = record({.op = *node.op,
                                 .shape = Shape(wide, node.shape.dims),
                                 .operands = std::move(widened),
                                 .attributes = node.attributes,
                                 .location = node.location});
    return convert(moved, node.shape.type);
}

/// Returns the tensor with zeros for what is below the least normal number, where the plugin's own functions give
/// neither the value there nor that at zero.
Tensor normal_numbers(const Tensor& x) {
    const double least =
        x.type() == DataType::FLOAT64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
    return select(less(abs(x), least), x * 0.0, x);
}

/// Returns the tensor with every NaN of one sign: the plugin's order puts those with another last.
Tensor with_one_nan(const Tensor& x) {
    return select(not_equal(x, x), full(x.dims(), std::numeric_limits<double>::quiet_NaN(), x.type()), x);
}

/// Returns the scatter into a tensor with margins, from which the middle is cut out, where a window may stick out: the
/// plugin leaves out such a window as a whole, and the specification only what is outside.
std::optional<Tensor> padded_scatter(const Node& node, const Tensors& operands) {
    const ScatterDimensions d = scatter_dimensions(node);
    const Tensor &x = operands[0], &updates = operands[2];
    Dims margins(x.dims().size(), 0);
    const Dims kept = complement(joined(d.inserted_window, d.operand_batch), x.rank());
    for (std::size_t i = 0; i < kept.size(); ++i)
        if (contains(d.scatter_to_operand, kept[i]))
            margins[static_cast<std::size_t>(kept[i])] = std::max<std::int64_t>(updates.dim(d.update_window[i]) - 1, 0);
    if (std::ranges::all_of(margins, [](std::int64_t margin) { return margin == 0; })) return std::nullopt;
    const Dims shifts = picked(margins, d.scatter_to_operand);
    const Tensor starts = convert(operands[1], DataType::INT64),
                 shift = constant(HostArray::of({std::ssize(shifts)}, shifts));
    const bool scalars = d.index_vector == starts.rank();
    const Tensor moved = starts + (scalars ? full(starts.dims(), shifts[0], DataType::INT64)
                                           : broadcast_in_dim(shift, starts.dims(), {d.index_vector}));
    const Tensor wide = pad(x, zeros({}, x.type()), margins, margins);
    const Tensor written = record({.op = rows::scatter,
                                   .shape = wide.shape(),
                                   .operands = {wide, moved, updates},
                                   .attributes = node.attributes,
                                   .location = node.location,
                                   .inner = node.inner});
    Dims limits = margins;
    for (std::size_t i = 0; i < limits.size(); ++i) limits[i] += x.dims()[i];
    return slice(written, margins, limits);
}

/// Returns the slice with starts of i64 where one is of an unsigned type: while it reads a program, the plugin takes a
/// constant one whose highest bit is set for a negative number.
std::optional<Tensor> with_signed_starts(const Node& node, Tensors operands) {
    const auto starts = std::span(operands).subspan(1);
    if (std::ranges::none_of(starts, [](const Tensor& start) { return is_unsigned(start.type()); }))
        return std::nullopt;
    for (auto& start : starts) start = convert(signed_starts(start), DataType::INT64);
    return record({.op = *node.op, .shape = node.shape, .operands = std::move(operands), .location = node.location});
}

}  // namespace

bool stands_for_others(const Op& op) {
    return &op == &rows::dynamic_conv || &op == &rows::async_start || &op == &rows::collective_reduce ||
           &op == &rows::collective_broadcast;
}

bool folds_wrongly(const Node& node) {
    const Op* const op = node.op;
    const bool combines = node.inner != nullptr && (node.inner == &maximum || node.inner == &minimum);
    if (combines) return true;
    if (op->kind != Kind::ELEMENTWISE && op != &rows::bitcast_convert) return false;
    const auto narrow = [](DataType type) { return is_below_byte(type) || (is_float(type) && size_bits(type) == 8); };
    const DataType type = node.shape.type;
    return op == &maximum || op == &minimum || op == &clamp || (op == &add && type == DataType::BOOL) ||
           ((op == &divide || op == &remainder || op == &power) && is_integer(type)) || narrow(type) ||
           std::ranges::any_of(node.operands, [&](const Tensor& operand) { return narrow(operand.type()); });
}

void expect_computable(const Node& node) {
    const auto refuse = [&](const Shape& shape, std::string_view why) {
        fail_at(Code::UNIMPLEMENTED, node.location,
                fmt::format("{}: XLA's CPU plugin computes {} wrongly: {}", node.op->name, to_string(shape), why));
    };
    const bool has_no_negative_zero =
        node.op == &rows::top_k &&
        (node.operands[0].type() == DataType::FLOAT8_E4M3FNUZ || node.operands[0].type() == DataType::FLOAT8_E5M2FNUZ ||
         node.operands[0].type() == DataType::FLOAT8_E4M3B11FNUZ);
    if (has_no_negative_zero) refuse(node.operands[0].shape(), "it takes NaN for zero; convert to f32");
    if (node.op == &rows::scatter && scatter_dimensions(node).scatter_to_operand.empty())
        refuse(node.operands[1].shape(), "indices that name no dimension; reduce the updates instead");
    const bool chooses = node.op == &rows::while_loop || node.op == &rows::conditional || node.op == &rows::if_else;
    if (node.op->together != nullptr || chooses)
        for (const auto& operand : node.operands)
            if (is_below_byte(operand.type()))
                refuse(operand.shape(), "it can die of it; convert to i8 or f32 around it");
    const bool by_inner = node.inner != nullptr && computes(*node.inner);
    if (computes(*node.op) || by_inner || node.op == &rows::convert) {
        constexpr std::string_view CONVERT = "the type is for storage; convert to f32, compute, and convert back";
        if (is_storage_only(node.shape.type) && node.op != &rows::convert) refuse(node.shape, CONVERT);
        if (node.op == &rows::convert && node.shape.type == DataType::FLOAT8_E8M0FNU)
            refuse(node.shape, "it drops signs; make the bits as u8 and use bitcast_convert");
        if (node.op != &rows::convert)
            for (const auto& operand : node.operands)
                if (is_storage_only(operand.type())) refuse(operand.shape(), CONVERT);
    }
}

std::optional<Tensor> right_operand(const Node& node, const Tensor& operand) {
    const LocationScope scope(node.location);
    if (node.op == &rows::top_k && is_float(operand.type())) return with_one_nan(operand);
    const bool from_storage = node.op == &rows::convert && is_storage_only(operand.type());
    if (from_storage && node.shape.type != DataType::FLOAT32) return convert(operand, DataType::FLOAT32);
    return std::nullopt;
}

std::optional<Tensor> right_form(const Node& node, const Tensors& operands) {
    const LocationScope scope(node.location);
    const Op* const op = node.op;
    const DataType type = node.shape.type;
    const Tensor x = operands.empty() ? Tensor() : operands[0];
    if (op == &log1p && type == DataType::FLOAT64) return corrected_log1p(x);
    if (op == &log1p && is_float(type) && size_bits(type) < 32)
        return convert(log1p(convert(x, DataType::FLOAT32)), type);
    if (op == &atanh && type == DataType::FLOAT64) return corrected_atanh(x);
    const bool has_denormals = type == DataType::BFLOAT16 || type == DataType::FLOAT32 || type == DataType::FLOAT64;
    if (op == &atan2 && has_denormals) return atan2(normal_numbers(x), normal_numbers(operands[1]));
    if (op == &cbrt && has_denormals) return cbrt(normal_numbers(x));
    if (is_below_byte(type) && (op == &rows::transpose || op == &rows::concatenate))
        return moved_in_bytes(node, operands);
    if (op == &rows::dynamic_slice) return with_signed_starts(node, operands);
    if (op == &rows::scatter) return padded_scatter(node, operands);
    const bool is_extreme = node.inner == &maximum || node.inner == &minimum;
    if (op == &rows::reduce && is_extreme && is_float(type) && size_bits(type) == 8)
        return convert(reduce(static_cast<const Binary&>(*node.inner), convert(x, DataType::FLOAT32),
                              convert(operands[1], DataType::FLOAT32), node.attributes[0]),
                       type);
    if (op == &power && is_integer(type)) return whole_power(x, operands[1]);
    if (op == &popcnt && is_narrow_integer(type)) return convert(popcnt(bits_in_byte(x)), type);
    if (op == &count_leading_zeros && is_narrow_integer(type))
        return convert(count_leading_zeros(bits_in_byte(x)) - (8 - static_cast<int>(size_bits(type))), type);
    return std::nullopt;
}

}  // namespace podium
