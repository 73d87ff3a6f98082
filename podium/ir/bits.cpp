// The elementwise rows whose value depends on the width of the type: conversions, shifts, not.
#include <array>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

/// Returns the bits of one element, zero-extended.
std::uint64_t bits_of(const Number& number, std::size_t width) {
    const auto raw = std::holds_alternative<std::int64_t>(number)
                         ? static_cast<std::uint64_t>(std::get<std::int64_t>(number))
                         : std::get<std::uint64_t>(number);
    return width == 64 ? raw : raw & ((std::uint64_t{1} << width) - 1);
}

template <class F>
std::vector<HostArray> each(const Evaluation& e, F f) {
    HostArray result(e.node.shape);
    for (std::int64_t i = 0; i < result.count(); ++i) f(result, i);
    return {result};
}

/// Evaluates a shift: `f(bits, amount, width)` for amounts below the width, `beyond(bits, width)` for others.
template <class F, class G>
std::vector<HostArray> shift(const Evaluation& e, F f, G beyond) {
    const std::size_t width = size_bytes(e.node.shape.type) * 8;
    return each(e, [&](HostArray& result, std::int64_t i) {
        const auto bits = bits_of(load(e.operands[0], i), width), amount = bits_of(load(e.operands[1], i), width);
        store(result, i, amount < width ? f(bits, amount, width) : beyond(bits, width));
    });
}

constexpr auto NOTHING = [](std::uint64_t, std::size_t) { return std::uint64_t{0}; };

std::uint64_t all_sign(std::uint64_t bits, std::size_t width) {
    return (bits >> (width - 1)) != 0 ? ~std::uint64_t{0} : 0;
}

}  // namespace

constinit const Unary logical_not{{.name = "logical_not",
                                   .spec = "StableHLO specification, not",
                                   .stablehlo = "stablehlo.not",
                                   .scalar = "~$0",
                                   .types = Types::LOGICAL,
                                   .evaluate =
                                       [](const Evaluation& e) {
                                           return each(e, [&](HostArray& result, std::int64_t i) {
                                               const auto bits = bits_of(load(e.operands[0], i), 64);
                                               store(result, i,
                                                     e.node.shape.type == DataType::BOOL ? bits ^ 1U : ~bits);
                                           });
                                       },
                                   .vjp = NOT_DIFFERENTIABLE}};
constinit const Binary shift_left{{.name = "shift_left",
                                   .spec = "StableHLO specification, shift_left",
                                   .stablehlo = "stablehlo.shift_left",
                                   .scalar = "$0 << $1",
                                   .types = Types::INTEGER,
                                   .evaluate =
                                       [](const Evaluation& e) {
                                           return shift(
                                               e, [](auto bits, auto amount, auto) { return bits << amount; }, NOTHING);
                                       },
                                   .vjp = NOT_DIFFERENTIABLE}};
constinit const Binary shift_right_logical{{.name = "shift_right_logical",
                                            .spec = "StableHLO specification, shift_right_logical",
                                            .stablehlo = "stablehlo.shift_right_logical",
                                            .scalar = "$0 >> $1",
                                            .types = Types::INTEGER,
                                            .evaluate =
                                                [](const Evaluation& e) {
                                                    return shift(
                                                        e, [](auto bits, auto amount, auto) { return bits >> amount; },
                                                        NOTHING);
                                                },
                                            .vjp = NOT_DIFFERENTIABLE}};
constinit const Binary shift_right_arithmetic{
    {.name = "shift_right_arithmetic",
     .spec = "StableHLO specification, shift_right_arithmetic",
     .stablehlo = "stablehlo.shift_right_arithmetic",
     .scalar = "$0 >> $1",
     .types = Types::INTEGER,
     .evaluate =
         [](const Evaluation& e) {
             return shift(
                 e,
                 [](auto bits, auto amount, auto width) {
                     return amount == 0 ? bits : (bits >> amount) | (all_sign(bits, width) << (width - amount));
                 },
                 all_sign);
         },
     .vjp = NOT_DIFFERENTIABLE}};

namespace rows {

constinit const Op convert{
    .name = "convert",
    .spec =
        "StableHLO specification, convert; floats out of an integer's range saturate, NaN is 0, as XLA's CPU compiler "
        "does",
    .stablehlo = "stablehlo.convert",
    .types = Types::ANY,
    .evaluate =
        [](const Evaluation& e) {
            return each(e, [&](HostArray& result, std::int64_t i) { store(result, i, load(e.operands[0], i)); });
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        const DataType from = v.operands[0].type();
        if (!is_float(from) || !is_float(v.result.type())) return {{}};
        return {podium::convert(v.cotangent, from)};
    }};
constinit const Op bitcast_convert{.name = "bitcast_convert",
                                   .spec = "StableHLO specification, bitcast_convert, equal widths",
                                   .stablehlo = "stablehlo.bitcast_convert",
                                   .types = Types::ANY,
                                   .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
                                       return {HostArray(e.node.shape, e.operands[0].data(), e.operands[0].owner())};
                                   },
                                   .vjp = NOT_DIFFERENTIABLE};
constinit const Op stop_gradient{.name = "stop_gradient",
                                 .spec = "podium: the identity, with no gradient",
                                 .kind = Kind::COMPOSITE,
                                 .types = Types::ANY,
                                 .expand = [](const Node& node) -> Tensors { return {node.operands[0]}; },
                                 .vjp = "asked for by the caller"};

}  // namespace rows

Tensor convert(const Operand& x, DataType type) {
    const Tensor& tensor = x.tensor();
    if (tensor.type() == type) return tensor;
    return record(
        {.op = rows::convert, .shape = Shape(type, tensor.dims()), .operands = {tensor}, .location = x.location()});
}

Tensor bitcast_convert(const Operand& x, DataType type) {
    const Tensor& tensor = x.tensor();
    if (size_bytes(type) != size_bytes(tensor.type()) || type == DataType::BOOL || tensor.type() == DataType::BOOL)
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("bitcast_convert: {} has no bits to read as {}; the widths must be equal",
                            to_string(tensor.shape()), name(type)));
    return record({.op = rows::bitcast_convert,
                   .shape = Shape(type, tensor.dims()),
                   .operands = {tensor},
                   .location = x.location()});
}

Tensor square(const Operand& x) { return multiply(x, x); }

Tensor stop_gradient(const Operand& x) {
    return record(
        {.op = rows::stop_gradient, .shape = x.tensor().shape(), .operands = {x.tensor()}, .location = x.location()});
}

std::span<const Op* const> elementwise_ops() {
    static constexpr std::array<const Op*, 42> ROWS{&abs,
                                                    &negate,
                                                    &sign,
                                                    &exp,
                                                    &expm1,
                                                    &log,
                                                    &log1p,
                                                    &sqrt,
                                                    &rsqrt,
                                                    &tanh,
                                                    &logistic,
                                                    &sin,
                                                    &cos,
                                                    &floor,
                                                    &ceil,
                                                    &is_finite,
                                                    &logical_not,
                                                    &add,
                                                    &subtract,
                                                    &multiply,
                                                    &divide,
                                                    &maximum,
                                                    &minimum,
                                                    &power,
                                                    &remainder,
                                                    &logical_and,
                                                    &logical_or,
                                                    &logical_xor,
                                                    &shift_left,
                                                    &shift_right_logical,
                                                    &shift_right_arithmetic,
                                                    &equal,
                                                    &not_equal,
                                                    &less,
                                                    &less_equal,
                                                    &greater,
                                                    &greater_equal,
                                                    &select,
                                                    &clamp,
                                                    &rows::convert,
                                                    &rows::bitcast_convert,
                                                    &rows::stop_gradient};
    return ROWS;
}

}  // namespace podium
