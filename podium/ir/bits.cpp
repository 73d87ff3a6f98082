// The rows whose value depends on the width of the type: conversions, shifts, not, counts of bits.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "podium/ir/batching.h"
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

/// The specification's num_bits: a boolean is one bit.
std::size_t bit_width(DataType type) { return type == DataType::BOOL ? 1 : size_bits(type); }

/// Returns the low bits of a number of that many.
std::uint64_t low_bits(std::uint64_t bits, std::size_t width) {
    return width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
}

/// Returns the bits of element `i`, zero-extended; complex numbers have too many.
std::uint64_t raw_bits(const HostArray& array, std::int64_t i) {
    const std::size_t width = size_bytes(array.type());
    std::uint64_t bits = 0;
    std::memcpy(&bits, array.data() + static_cast<std::size_t>(i) * width, width);
    return low_bits(bits, bit_width(array.type()));
}

/// Stores the low bits as element `i`.
void set_raw_bits(HostArray& array, std::int64_t i, std::uint64_t bits) {
    if (is_integer(array.type())) return store(array, i, bits);  // narrow signed ones are kept sign-extended
    const std::size_t width = size_bytes(array.type());
    bits = low_bits(bits, bit_width(array.type()));
    std::memcpy(array.mutable_data() + static_cast<std::size_t>(i) * width, &bits, width);
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
    const std::size_t width = size_bits(e.node.shape.type);
    return each(e, [&](HostArray& result, std::int64_t i) {
        const auto bits = bits_of(load(e.operands[0], i), width), amount = bits_of(load(e.operands[1], i), width);
        store(result, i, amount < width ? f(bits, amount, width) : beyond(bits, width));
    });
}

constexpr auto NOTHING = [](std::uint64_t, std::size_t) { return std::uint64_t{0}; };

/// Returns how many bits the exponent has where a type is computed in: f16 or wider.
int exponent_bits_of(DataType type) {
    if (type == DataType::FLOAT64) return 11;
    return type == DataType::FLOAT32 || type == DataType::BFLOAT16 ? 8 : 5;
}

/// Returns the value with that many bits of exponent and mantissa, rounded to nearest even; below the least normal
/// number of fewer bits of exponent than its own type's it is zero.
double with_precision(double value, DataType type, int exponent_bits, int mantissa_bits) {
    if (!std::isfinite(value) || value == 0) return value;
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const double unit = std::ldexp(1.0, std::ilogb(value) - mantissa_bits),
                 rounded = std::nearbyint(value / unit) * unit;
    const bool has_fewer = exponent_bits < exponent_bits_of(type);
    if (has_fewer && std::ilogb(rounded) < 1 - bias) return std::copysign(0.0, value);
    if (std::ilogb(rounded) > bias) return std::copysign(std::numeric_limits<double>::infinity(), value);
    return rounded;
}

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

constinit const Unary popcnt{{.name = "popcnt",
                              .spec = "StableHLO specification, popcnt",
                              .stablehlo = "stablehlo.popcnt",
                              .scalar = "popcount($0)",
                              .types = Types::INTEGER,
                              .evaluate =
                                  [](const Evaluation& e) {
                                      const auto width = size_bits(e.node.shape.type);
                                      return each(e, [&](HostArray& result, std::int64_t i) {
                                          store(result, i,
                                                std::int64_t{std::popcount(bits_of(load(e.operands[0], i), width))});
                                      });
                                  },
                              .vjp = NOT_DIFFERENTIABLE}};
constinit const Unary count_leading_zeros{{.name = "count_leading_zeros",
                                           .spec = "StableHLO specification, count_leading_zeros",
                                           .stablehlo = "stablehlo.count_leading_zeros",
                                           .scalar = "clz($0)",
                                           .types = Types::INTEGER,
                                           .evaluate =
                                               [](const Evaluation& e) {
                                                   const auto width = size_bits(e.node.shape.type);
                                                   return each(e, [&](HostArray& result, std::int64_t i) {
                                                       const auto zeros =
                                                           std::countl_zero(bits_of(load(e.operands[0], i), width)) +
                                                           static_cast<int>(width) - 64;
                                                       store(result, i, std::int64_t{zeros});
                                                   });
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
        if (!is_inexact(from) || !is_inexact(v.result.type())) return {{}};
        return {podium::convert(v.cotangent, from)};
    },
    .jvp = [](const JvpArguments& v) -> Tensors {
        if (!is_inexact(v.result.type())) return {{}};
        return {podium::convert(v.tangents[0], v.result.type())};
    }};
constinit const Op reduce_precision{
    .name = "reduce_precision",
    .spec = "StableHLO specification, reduce_precision",
    .stablehlo = "stablehlo.reduce_precision",
    .types = Types::FLOAT,
    .evaluate =
        [](const Evaluation& e) {
            const int exponent = static_cast<int>(e.node.integer(0)), mantissa = static_cast<int>(e.node.integer(1));
            return each(e, [&](HostArray& result, std::int64_t i) {
                store(result, i, with_precision(e.operands[0].as_double(i), result.type(), exponent, mantissa));
            });
        },
    .attributes =
        [](const Node& n) {
            return fmt::format("exponent_bits = {} : i32, mantissa_bits = {} : i32", n.integer(0), n.integer(1));
        },
    .vjp = [](const VjpArguments& v) -> Tensors {
        return {podium::reduce_precision(v.cotangent, static_cast<int>(v.node.integer(0)),
                                         static_cast<int>(v.node.integer(1)))};
    }};
constinit const Op bitcast_convert{
    .name = "bitcast_convert",
    .spec = "StableHLO specification, bitcast_convert",
    .stablehlo = "stablehlo.bitcast_convert",
    .kind = Kind::STRUCTURAL,
    .types = Types::ORDERED,
    .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
        const HostArray& from = e.operands[0];
        HostArray to(e.node.shape);
        const std::size_t from_width = bit_width(from.type()), to_width = bit_width(to.type());
        for (std::int64_t i = 0; i < to.count(); ++i) {
            std::uint64_t bits = 0;
            if (to_width >= from_width) {
                const auto pieces = static_cast<std::int64_t>(to_width / from_width);
                for (std::int64_t j = 0; j < pieces; ++j)
                    bits |= raw_bits(from, i * pieces + j) << (static_cast<std::size_t>(j) * from_width);
            } else {
                const auto pieces = static_cast<std::int64_t>(from_width / to_width);
                bits = raw_bits(from, i / pieces) >> (static_cast<std::size_t>(i % pieces) * to_width);
            }
            set_raw_bits(to, i, bits);
        }
        return {to};
    },
    .vjp = NOT_DIFFERENTIABLE,
    .vmap = map_alike};

}  // namespace rows

Tensor convert(const Operand& x, DataType type) {
    const Tensor& tensor = x.tensor();
    if (tensor.type() == type) return tensor;
    return record(
        {.op = rows::convert, .shape = Shape(type, tensor.dims()), .operands = {tensor}, .location = x.location()});
}

Tensor reduce_precision(const Operand& x, int exponent_bits, int mantissa_bits) {
    const Tensor& tensor = x.tensor();
    if (!is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("reduce_precision: takes floating-point numbers, got {}", to_string(tensor.shape())));
    if (exponent_bits < 1 || mantissa_bits < 0)  // (C2), (C3)
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("reduce_precision: {} bits of exponent and {} of mantissa make no number; 1 and 0 are the "
                            "least",
                            exponent_bits, mantissa_bits));
    return record({.op = rows::reduce_precision,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor},
                   .attributes = {{exponent_bits}, {mantissa_bits}},
                   .location = x.location()});
}

Tensor bitcast_convert(const Operand& x, DataType type) {
    const Tensor& tensor = x.tensor();
    const auto refuse = [&](std::string_view why) {
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("bitcast_convert: {} has no bits to read as {}; {}", to_string(tensor.shape()), name(type),
                            why));
    };
    if (is_complex(type) || is_complex(tensor.type())) refuse("complex numbers are not taken");
    const auto from = bit_width(tensor.type()), to = bit_width(type);
    Dims dims = tensor.dims();
    if (to < from) {
        dims.push_back(static_cast<std::int64_t>(from / to));
    } else if (to > from) {  // (C1)
        if (dims.empty() || dims.back() != static_cast<std::int64_t>(to / from))
            refuse(fmt::format("its last dimension must be {}", to / from));
        dims.pop_back();
    }
    return record({.op = rows::bitcast_convert,
                   .shape = Shape(type, std::move(dims)),
                   .operands = {tensor},
                   .location = x.location()});
}

}  // namespace podium
