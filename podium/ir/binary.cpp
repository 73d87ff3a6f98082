// The elementwise rows of two and three operands.
#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/pullback.h"

namespace podium {
namespace {

/// Returns the text of a comparison's attributes: direction, and the type that StableHLO compares in.
template <char A, char B>
std::string direction(const Node& node) {
    const DataType type = node.operands[0].type();
    const auto* kind = is_inexact(type) ? "FLOAT" : is_signed_integer(type) ? "SIGNED" : "UNSIGNED";
    return fmt::format(
        "comparison_direction = #stablehlo<comparison_direction {}{}>, compare_type = #stablehlo<comparison_type {}>",
        A, B, kind);
}

/// Returns x to the y-th power, modulo 2^64.
std::uint64_t whole_power(std::uint64_t x, std::uint64_t y) {
    std::uint64_t result = 1;
    for (; y != 0; y >>= 1, x *= x)
        if ((y & 1) != 0) result *= x;
    return result;
}

/// Shares of the cotangent where two operands compete: the winner takes it, ties split it.
Tensors competition(const VjpArguments& v, const Binary& wins) {
    const Tensor &x = v.operands[0], &y = v.operands[1];
    const Tensor share = select(wins(x, y), 1.0, select(equal(x, y), full(x.dims(), 0.5, x.type()), 0.0));
    return {v.cotangent * share, v.cotangent * (1.0 - share)};
}

}  // namespace

// Binary
// -------------------------------------------------------------------------------------------------------------------

constinit const Binary add{{.name = "add",
                            .spec = "StableHLO specification, add",
                            .stablehlo = "stablehlo.add",
                            .scalar = "$0 + $1",
                            .types = Types::ANY,
                            .reference = {.f64 = [](const double* x) { return x[0] + x[1]; },
                                          .i64 =
                                              [](const std::int64_t* x) {
                                                  return static_cast<std::int64_t>(static_cast<std::uint64_t>(x[0]) +
                                                                                   static_cast<std::uint64_t>(x[1]));
                                              },
                                          .u64 = [](const std::uint64_t* x) { return x[0] + x[1]; },
                                          .c128 = [](const Complex128* x) { return x[0] + x[1]; }},
                            .vjp = [](const VjpArguments& v) -> Tensors {
                                return {v.cotangent, v.cotangent};
                            }}};
constinit const Binary subtract{{.name = "subtract",
                                 .spec = "StableHLO specification, subtract",
                                 .stablehlo = "stablehlo.subtract",
                                 .scalar = "$0 - $1",
                                 .reference = {.f64 = [](const double* x) { return x[0] - x[1]; },
                                               .i64 =
                                                   [](const std::int64_t* x) {
                                                       return static_cast<std::int64_t>(
                                                           static_cast<std::uint64_t>(x[0]) -
                                                           static_cast<std::uint64_t>(x[1]));
                                                   },
                                               .u64 = [](const std::uint64_t* x) { return x[0] - x[1]; },
                                               .c128 = [](const Complex128* x) { return x[0] - x[1]; }},
                                 .vjp = [](const VjpArguments& v) -> Tensors {
                                     return {v.cotangent, negate(v.cotangent)};
                                 }}};
constinit const Binary multiply{{.name = "multiply",
                                 .spec = "StableHLO specification, multiply",
                                 .stablehlo = "stablehlo.multiply",
                                 .scalar = "$0 * $1",
                                 .types = Types::ANY,
                                 .reference = {.f64 = [](const double* x) { return x[0] * x[1]; },
                                               .i64 =
                                                   [](const std::int64_t* x) {
                                                       return static_cast<std::int64_t>(
                                                           static_cast<std::uint64_t>(x[0]) *
                                                           static_cast<std::uint64_t>(x[1]));
                                                   },
                                               .u64 = [](const std::uint64_t* x) { return x[0] * x[1]; },
                                               .c128 = [](const Complex128* x) { return x[0] * x[1]; }},
                                 .vjp = [](const VjpArguments& v) -> Tensors {
                                     return {v.cotangent * v.operands[1], v.cotangent * v.operands[0]};
                                 }}};
constinit const Binary divide{
    {.name = "divide",
     .spec = "StableHLO specification, divide; integers divide as XLA does: x / 0 is -1, and all ones unsigned",
     .stablehlo = "stablehlo.divide",
     .scalar = "$0 / $1",
     .reference = {.f64 = [](const double* x) { return x[0] / x[1]; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t {
                       if (x[1] == 0) return -1;
                       return x[1] == -1 ? wrapped_negative(x[0]) : x[0] / x[1];
                   },
                   .u64 = [](const std::uint64_t* x) { return x[1] == 0 ? ~std::uint64_t{0} : x[0] / x[1]; },
                   .c128 = [](const Complex128* x) { return x[0] / x[1]; }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {v.cotangent / v.operands[1], negate(v.cotangent * v.result / v.operands[1])};
     },
     .domain = {0.5, 3.0}}};
constinit const Binary maximum{
    {.name = "maximum",
     .spec = "StableHLO specification, maximum; NaN wins",
     .stablehlo = "stablehlo.maximum",
     .scalar = "max($0, $1)",
     .types = Types::ORDERED,
     .reference = {
         .f64 =
             [](const double* x) { return std::isnan(x[0]) || std::isnan(x[1]) ? std::nan("") : std::max(x[0], x[1]); },
         .i64 = [](const std::int64_t* x) { return std::max(x[0], x[1]); },
         .u64 = [](const std::uint64_t* x) { return std::max(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return competition(v, greater); }}};
constinit const Binary minimum{
    {.name = "minimum",
     .spec = "StableHLO specification, minimum; NaN wins",
     .stablehlo = "stablehlo.minimum",
     .scalar = "min($0, $1)",
     .types = Types::ORDERED,
     .reference = {
         .f64 =
             [](const double* x) { return std::isnan(x[0]) || std::isnan(x[1]) ? std::nan("") : std::min(x[0], x[1]); },
         .i64 = [](const std::int64_t* x) { return std::min(x[0], x[1]); },
         .u64 = [](const std::uint64_t* x) { return std::min(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return competition(v, less); }}};
constinit const Binary power{
    {.name = "power",
     .spec = "StableHLO specification, power; an integer to a negative power is 0, but for 1 and -1",
     .stablehlo = "stablehlo.power",
     .scalar = "pow($0, $1)",
     .types = Types::NUMBER,
     .reference = {.f64 = [](const double* x) { return std::pow(x[0], x[1]); },
                   .i64 = [](const std::int64_t* x) -> std::int64_t {
                       if (x[1] >= 0)
                           return static_cast<std::int64_t>(
                               whole_power(static_cast<std::uint64_t>(x[0]), static_cast<std::uint64_t>(x[1])));
                       return x[0] == 1 ? 1 : x[0] == -1 ? ((x[1] & 1) != 0 ? -1 : 1) : 0;
                   },
                   .u64 = [](const std::uint64_t* x) { return whole_power(x[0], x[1]); },
                   .c128 = [](const Complex128* x) { return std::pow(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         const Tensor &x = v.operands[0], &y = v.operands[1];
         const Tensor by_x = select(equal(y, 0.0), zeros_like(x), y * power(x, y - 1.0));
         return {v.cotangent * by_x, v.cotangent * v.result * log(select(equal(x, 0.0), ones_like(x), x))};
     },
     .domain = {0.3, 2.5}}};
constinit const Binary remainder{
    {.name = "remainder",
     .spec = "StableHLO specification, remainder; the sign is the dividend's, x % 0 is x for integers",
     .stablehlo = "stablehlo.remainder",
     .scalar = "fmod($0, $1)",
     .types = Types::REAL,
     .reference = {.f64 = [](const double* x) { return std::fmod(x[0], x[1]); },
                   .i64 = [](const std::int64_t* x) -> std::int64_t {
                       if (x[1] == 0) return x[0];
                       return x[1] == -1 ? 0 : x[0] % x[1];
                   },
                   .u64 = [](const std::uint64_t* x) { return x[1] == 0 ? x[0] : x[0] % x[1]; }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         const Tensor quotient = v.operands[0] / v.operands[1];
         return {v.cotangent, negate(v.cotangent * sign(quotient) * floor(abs(quotient)))};
     },
     .domain = {0.5, 3.0}}};

constinit const Binary atan2{
    {.name = "atan2",
     .spec = "StableHLO specification, atan2: the angle of the point (y, x); operands in that order",
     .stablehlo = "stablehlo.atan2",
     .scalar = "atan2($0, $1)",
     .types = Types::INEXACT,
     .reference = {.f64 = [](const double* x) { return std::atan2(x[0], x[1]); },
                   .c128 =
                       [](const Complex128* x) {
                           constexpr Complex128 I{0, 1};
                           return -I * std::log((x[1] + I * x[0]) / std::sqrt(x[1] * x[1] + x[0] * x[0]));
                       }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         const Tensor &y = v.operands[0], &x = v.operands[1];
         const Tensor share = v.cotangent / (x * x + y * y);
         return {share * x, negate(share * y)};
     },
     .domain = {0.3, 2.0}}};
constinit const Binary complex{
    {.name = "complex",
     .spec = "StableHLO specification, complex; the cotangents are JAX's: the transpose without conjugation",
     .stablehlo = "stablehlo.complex",
     .scalar = "complex($0, $1)",
     .types = Types::PARTS,
     .gives = Gives::COMPLEX,
     .evaluate = [](const Evaluation& e) -> std::vector<HostArray> {
         HostArray result(e.node.shape);
         for (std::int64_t i = 0; i < result.count(); ++i)
             store(result, i, Complex128(e.operands[0].as_double(i), e.operands[1].as_double(i)));
         return {result};
     },
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {real(v.cotangent), negate(imag(v.cotangent))};
     },
     .jvp = [](const JvpArguments& v) -> Tensors {
         return {
             complex(or_zeros(v.tangents[0], v.operands[0].shape()), or_zeros(v.tangents[1], v.operands[1].shape()))};
     }}};

constinit const Binary logical_and{{.name = "logical_and",
                                    .spec = "StableHLO specification, and",
                                    .stablehlo = "stablehlo.and",
                                    .scalar = "$0 & $1",
                                    .types = Types::LOGICAL,
                                    .reference = {.i64 = [](const std::int64_t* x) { return x[0] & x[1]; },
                                                  .u64 = [](const std::uint64_t* x) { return x[0] & x[1]; }},
                                    .vjp = NOT_DIFFERENTIABLE}};
constinit const Binary logical_or{{.name = "logical_or",
                                   .spec = "StableHLO specification, or",
                                   .stablehlo = "stablehlo.or",
                                   .scalar = "$0 | $1",
                                   .types = Types::LOGICAL,
                                   .reference = {.i64 = [](const std::int64_t* x) { return x[0] | x[1]; },
                                                 .u64 = [](const std::uint64_t* x) { return x[0] | x[1]; }},
                                   .vjp = NOT_DIFFERENTIABLE}};
constinit const Binary logical_xor{{.name = "logical_xor",
                                    .spec = "StableHLO specification, xor",
                                    .stablehlo = "stablehlo.xor",
                                    .scalar = "$0 ^ $1",
                                    .types = Types::LOGICAL,
                                    .reference = {.i64 = [](const std::int64_t* x) { return x[0] ^ x[1]; },
                                                  .u64 = [](const std::uint64_t* x) { return x[0] ^ x[1]; }},
                                    .vjp = NOT_DIFFERENTIABLE}};

constinit const Binary equal{
    {.name = "equal",
     .spec = "StableHLO specification, compare EQ",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 == $1",
     .types = Types::ANY,
     .gives = Gives::BOOL,
     .reference = {.f64 = [](const double* x) { return x[0] == x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] == x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] == x[1]; },
                   .c128 = [](const Complex128* x) -> Complex128 { return x[0] == x[1] ? 1.0 : 0.0; }},
     .attributes = direction<'E', 'Q'>,
     .vjp = FLAT}};
constinit const Binary not_equal{
    {.name = "not_equal",
     .spec = "StableHLO specification, compare NE",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 != $1",
     .types = Types::ANY,
     .gives = Gives::BOOL,
     .reference = {.f64 = [](const double* x) { return x[0] != x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] != x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] != x[1]; },
                   .c128 = [](const Complex128* x) -> Complex128 { return x[0] != x[1] ? 1.0 : 0.0; }},
     .attributes = direction<'N', 'E'>,
     .vjp = FLAT}};
constinit const Binary less{{.name = "less",
                             .spec = "StableHLO specification, compare LT",
                             .stablehlo = "stablehlo.compare",
                             .scalar = "$0 < $1",
                             .types = Types::ORDERED,
                             .gives = Gives::BOOL,
                             .reference = {.f64 = [](const double* x) { return x[0] < x[1] ? 1.0 : 0.0; },
                                           .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] < x[1]; },
                                           .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] < x[1]; }},
                             .attributes = direction<'L', 'T'>,
                             .vjp = FLAT}};
constinit const Binary less_equal{
    {.name = "less_equal",
     .spec = "StableHLO specification, compare LE",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 <= $1",
     .types = Types::ORDERED,
     .gives = Gives::BOOL,
     .reference = {.f64 = [](const double* x) { return x[0] <= x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] <= x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] <= x[1]; }},
     .attributes = direction<'L', 'E'>,
     .vjp = FLAT}};
constinit const Binary greater{
    {.name = "greater",
     .spec = "StableHLO specification, compare GT",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 > $1",
     .types = Types::ORDERED,
     .gives = Gives::BOOL,
     .reference = {.f64 = [](const double* x) { return x[0] > x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] > x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] > x[1]; }},
     .attributes = direction<'G', 'T'>,
     .vjp = FLAT}};
constinit const Binary greater_equal{
    {.name = "greater_equal",
     .spec = "StableHLO specification, compare GE",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 >= $1",
     .types = Types::ORDERED,
     .gives = Gives::BOOL,
     .reference = {.f64 = [](const double* x) { return x[0] >= x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] >= x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] >= x[1]; }},
     .attributes = direction<'G', 'E'>,
     .vjp = FLAT}};

// Ternary
// ------------------------------------------------------------------------------------------------------------------

constinit const Ternary select{
    {.name = "select",
     .spec = "StableHLO specification, select",
     .stablehlo = "stablehlo.select",
     .scalar = "$0 ? $1 : $2",
     .types = Types::ANY,
     .condition = true,
     .reference = {.f64 = [](const double* x) { return x[0] != 0 ? x[1] : x[2]; },
                   .i64 = [](const std::int64_t* x) { return x[0] != 0 ? x[1] : x[2]; },
                   .u64 = [](const std::uint64_t* x) { return x[0] != 0 ? x[1] : x[2]; },
                   .c128 = [](const Complex128* x) { return x[0] != 0.0 ? x[1] : x[2]; }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {{}, select(v.operands[0], v.cotangent, 0.0), select(v.operands[0], 0.0, v.cotangent)};
     }}};
constinit const Ternary clamp{
    {.name = "clamp",
     .spec = "StableHLO specification, clamp: minimum(maximum(x, low), high); NaN wins",
     .stablehlo = "stablehlo.clamp",
     .scalar = "min(max($1, $0), $2)",
     .types = Types::REAL,
     .reference = {.f64 =
                       [](const double* x) {
                           const bool known = !std::isnan(x[0]) && !std::isnan(x[1]) && !std::isnan(x[2]);
                           return known ? std::min(std::max(x[1], x[0]), x[2]) : std::nan("");
                       },
                   .i64 = [](const std::int64_t* x) { return std::min(std::max(x[1], x[0]), x[2]); },
                   .u64 = [](const std::uint64_t* x) { return std::min(std::max(x[1], x[0]), x[2]); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         const Tensor &low = v.operands[0], &x = v.operands[1], &high = v.operands[2];
         const Tensor below = less(x, low), above = greater(x, high);
         return {select(logical_and(below, less(low, high)), v.cotangent, 0.0),
                 select(logical_or(below, above), 0.0, v.cotangent),
                 select(logical_or(above, logical_and(below, greater_equal(low, high))), v.cotangent, 0.0)};
     }}};

}  // namespace podium
