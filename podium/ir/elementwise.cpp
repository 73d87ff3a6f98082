#include "podium/ir/elementwise.h"

#include <cmath>

#include "podium/ir/creation.h"

namespace podium {
namespace {

constexpr const char* FLAT = "piecewise constant: its gradient is zero";

/// Returns the text of a comparison's attributes: direction, and the type that StableHLO compares in.
template <char A, char B>
std::string direction(const Node& node) {
    const DataType type = node.operands[0].type();
    const auto* kind = is_float(type) ? "FLOAT" : is_signed_integer(type) ? "SIGNED" : "UNSIGNED";
    return fmt::format(
        "comparison_direction = #stablehlo<comparison_direction {}{}>, compare_type = #stablehlo<comparison_type {}>",
        A, B, kind);
}

/// Returns -x; the least number is its own negative.
std::int64_t negative(std::int64_t x) { return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(x)); }

/// Shares of the cotangent where two operands compete: the winner takes it, ties split it.
Tensors competition(const VjpArguments& v, const Binary& wins) {
    const Tensor &x = v.operands[0], &y = v.operands[1];
    const Tensor share = select(wins(x, y), 1.0, select(equal(x, y), full(x.dims(), 0.5, x.type()), 0.0));
    return {v.cotangent * share, v.cotangent * (1.0 - share)};
}

}  // namespace

// Unary
// --------------------------------------------------------------------------------------------------------------------

constinit const Unary abs{
    {.name = "abs",
     .spec = "StableHLO specification, abs",
     .stablehlo = "stablehlo.abs",
     .scalar = "abs($0)",
     .types = Types::SIGNED,
     .reference = {.f64 = [](const double* x) { return std::fabs(x[0]); },
                   .i64 = [](const std::int64_t* x) { return x[0] < 0 ? negative(x[0]) : x[0]; }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * sign(v.operands[0])}; }}};
constinit const Unary negate{{.name = "negate",
                              .spec = "StableHLO specification, negate",
                              .stablehlo = "stablehlo.negate",
                              .scalar = "-$0",
                              .reference = {.f64 = [](const double* x) { return -x[0]; },
                                            .i64 = [](const std::int64_t* x) { return negative(x[0]); },
                                            .u64 = [](const std::uint64_t* x) { return std::uint64_t{0} - x[0]; }},
                              .vjp = [](const VjpArguments& v) -> Tensors { return {negate(v.cotangent)}; }}};
constinit const Unary sign{
    {.name = "sign",
     .spec = "StableHLO specification, sign",
     .stablehlo = "stablehlo.sign",
     .scalar = "sign($0)",
     .types = Types::SIGNED,
     .reference = {.f64 = [](const double* x) { return x[0] > 0   ? 1.0
                                                       : x[0] < 0 ? -1.0
                                                                  : x[0]; },
                   .i64 = [](const std::int64_t* x) { return static_cast<std::int64_t>((x[0] > 0) - (x[0] < 0)); }},
     .vjp = FLAT}};
constinit const Unary exp{{.name = "exp",
                           .spec = "StableHLO specification, exponential",
                           .stablehlo = "stablehlo.exponential",
                           .scalar = "exp($0)",
                           .types = Types::FLOAT,
                           .reference = {.f64 = [](const double* x) { return std::exp(x[0]); }},
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * v.result}; }}};
constinit const Unary expm1{{.name = "expm1",
                             .spec = "StableHLO specification, exponential_minus_one",
                             .stablehlo = "stablehlo.exponential_minus_one",
                             .scalar = "expm1($0)",
                             .types = Types::FLOAT,
                             .reference = {.f64 = [](const double* x) { return std::expm1(x[0]); }},
                             .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (v.result + 1.0)}; }}};
constinit const Unary log{{.name = "log",
                           .spec = "StableHLO specification, log",
                           .stablehlo = "stablehlo.log",
                           .scalar = "log($0)",
                           .types = Types::FLOAT,
                           .reference = {.f64 = [](const double* x) { return std::log(x[0]); }},
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent / v.operands[0]}; },
                           .domain = {0.1, 4.0}}};
constinit const Unary log1p{
    {.name = "log1p",
     .spec = "StableHLO specification, log_plus_one",
     .stablehlo = "stablehlo.log_plus_one",
     .scalar = "log1p($0)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return std::log1p(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent / (v.operands[0] + 1.0)}; },
     .domain = {-0.5, 4.0}}};
constinit const Unary sqrt{{.name = "sqrt",
                            .spec = "StableHLO specification, sqrt",
                            .stablehlo = "stablehlo.sqrt",
                            .scalar = "sqrt($0)",
                            .types = Types::FLOAT,
                            .reference = {.f64 = [](const double* x) { return std::sqrt(x[0]); }},
                            .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (0.5 / v.result)}; },
                            .domain = {0.1, 4.0}}};
constinit const Unary rsqrt{
    {.name = "rsqrt",
     .spec = "StableHLO specification, rsqrt",
     .stablehlo = "stablehlo.rsqrt",
     .scalar = "rsqrt($0)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return 1.0 / std::sqrt(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (-0.5 * v.result / v.operands[0])}; },
     .domain = {0.1, 4.0}}};
constinit const Unary tanh{
    {.name = "tanh",
     .spec = "StableHLO specification, tanh",
     .stablehlo = "stablehlo.tanh",
     .scalar = "tanh($0)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return std::tanh(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (1.0 - v.result * v.result)}; }}};
constinit const Unary logistic{
    {.name = "logistic",
     .spec = "StableHLO specification, logistic",
     .stablehlo = "stablehlo.logistic",
     .scalar = "1 / (1 + exp(-$0))",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return 1.0 / (1.0 + std::exp(-x[0])); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (v.result * (1.0 - v.result))}; }}};
constinit const Unary sin{{.name = "sin",
                           .spec = "StableHLO specification, sine",
                           .stablehlo = "stablehlo.sine",
                           .scalar = "sin($0)",
                           .types = Types::FLOAT,
                           .reference = {.f64 = [](const double* x) { return std::sin(x[0]); }},
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * cos(v.operands[0])}; }}};
constinit const Unary cos{
    {.name = "cos",
     .spec = "StableHLO specification, cosine",
     .stablehlo = "stablehlo.cosine",
     .scalar = "cos($0)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return std::cos(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * negate(sin(v.operands[0]))}; }}};
constinit const Unary floor{{.name = "floor",
                             .spec = "StableHLO specification, floor",
                             .stablehlo = "stablehlo.floor",
                             .scalar = "floor($0)",
                             .types = Types::FLOAT,
                             .reference = {.f64 = [](const double* x) { return std::floor(x[0]); }},
                             .vjp = FLAT}};
constinit const Unary ceil{{.name = "ceil",
                            .spec = "StableHLO specification, ceil",
                            .stablehlo = "stablehlo.ceil",
                            .scalar = "ceil($0)",
                            .types = Types::FLOAT,
                            .reference = {.f64 = [](const double* x) { return std::ceil(x[0]); }},
                            .vjp = FLAT}};
constinit const Unary is_finite{{.name = "is_finite",
                                 .spec = "StableHLO specification, is_finite",
                                 .stablehlo = "stablehlo.is_finite",
                                 .scalar = "isfinite($0)",
                                 .types = Types::FLOAT,
                                 .predicate = true,
                                 .reference = {.f64 = [](const double* x) { return std::isfinite(x[0]) ? 1.0 : 0.0; }},
                                 .vjp = FLAT}};
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
                                          .u64 = [](const std::uint64_t* x) { return x[0] + x[1]; }},
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
                                               .u64 = [](const std::uint64_t* x) { return x[0] - x[1]; }},
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
                                               .u64 = [](const std::uint64_t* x) { return x[0] * x[1]; }},
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
                       return x[1] == -1 ? negative(x[0]) : x[0] / x[1];
                   },
                   .u64 = [](const std::uint64_t* x) { return x[1] == 0 ? ~std::uint64_t{0} : x[0] / x[1]; }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {v.cotangent / v.operands[1], negate(v.cotangent * v.result / v.operands[1])};
     },
     .domain = {0.5, 3.0}}};
constinit const Binary maximum{
    {.name = "maximum",
     .spec = "StableHLO specification, maximum; NaN wins",
     .stablehlo = "stablehlo.maximum",
     .scalar = "max($0, $1)",
     .types = Types::ANY,
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
     .types = Types::ANY,
     .reference = {
         .f64 =
             [](const double* x) { return std::isnan(x[0]) || std::isnan(x[1]) ? std::nan("") : std::min(x[0], x[1]); },
         .i64 = [](const std::int64_t* x) { return std::min(x[0], x[1]); },
         .u64 = [](const std::uint64_t* x) { return std::min(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return competition(v, less); }}};
constinit const Binary power{
    {.name = "power",
     .spec = "StableHLO specification, power",
     .stablehlo = "stablehlo.power",
     .scalar = "pow($0, $1)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return std::pow(x[0], x[1]); }},
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
     .predicate = true,
     .reference = {.f64 = [](const double* x) { return x[0] == x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] == x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] == x[1]; }},
     .attributes = direction<'E', 'Q'>,
     .vjp = FLAT}};
constinit const Binary not_equal{
    {.name = "not_equal",
     .spec = "StableHLO specification, compare NE",
     .stablehlo = "stablehlo.compare",
     .scalar = "$0 != $1",
     .types = Types::ANY,
     .predicate = true,
     .reference = {.f64 = [](const double* x) { return x[0] != x[1] ? 1.0 : 0.0; },
                   .i64 = [](const std::int64_t* x) -> std::int64_t { return x[0] != x[1]; },
                   .u64 = [](const std::uint64_t* x) -> std::uint64_t { return x[0] != x[1]; }},
     .attributes = direction<'N', 'E'>,
     .vjp = FLAT}};
constinit const Binary less{{.name = "less",
                             .spec = "StableHLO specification, compare LT",
                             .stablehlo = "stablehlo.compare",
                             .scalar = "$0 < $1",
                             .types = Types::ANY,
                             .predicate = true,
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
     .types = Types::ANY,
     .predicate = true,
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
     .types = Types::ANY,
     .predicate = true,
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
     .types = Types::ANY,
     .predicate = true,
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
                   .u64 = [](const std::uint64_t* x) { return x[0] != 0 ? x[1] : x[2]; }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {{}, select(v.operands[0], v.cotangent, 0.0), select(v.operands[0], 0.0, v.cotangent)};
     }}};
constinit const Ternary clamp{
    {.name = "clamp",
     .spec = "StableHLO specification, clamp: minimum(maximum(x, low), high); NaN wins",
     .stablehlo = "stablehlo.clamp",
     .scalar = "min(max($1, $0), $2)",
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
