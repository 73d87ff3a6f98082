// The elementwise rows of one operand.
#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"

namespace podium {
namespace {

/// References of `F` for real and for complex numbers.
template <auto F>
constexpr Reference inexact{.f64 = [](const double* x) -> double { return F(x[0]); },
                            .c128 = [](const Complex128* x) -> Complex128 { return F(x[0]); }};

double exp_minus_one(double x) { return std::expm1(x); }
/// e^x cos y - 1 without cancellation: expm1(x) cos y + (cos y - 1).
Complex128 exp_minus_one(Complex128 z) {
    const double half = std::sin(z.imag() / 2);
    return {std::expm1(z.real()) * std::cos(z.imag()) - 2 * half * half, std::exp(z.real()) * std::sin(z.imag())};
}

double log_plus_one(double x) { return std::log1p(x); }
/// log|1 + z| as half the log1p of |1 + z|² - 1, where that is small.
Complex128 log_plus_one(Complex128 z) {
    const double x = z.real(), y = z.imag(), beyond = x * (2 + x) + y * y;
    const double size = std::abs(beyond) < 0.5 ? std::log1p(beyond) / 2 : std::log(std::abs(1.0 + z));
    return {size, std::atan2(y, 1 + x)};
}

/// x scaled to size 1; zero stays, NaN too.
double unit(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
Complex128 unit(Complex128 z) { return z == 0.0 ? z : z / std::abs(z); }

Tensor magnitude_gradient(const VjpArguments& v) {
    const Tensor& z = v.operands[0];
    if (!is_complex(z.type())) return v.cotangent * sign(z);
    const Tensor safe = select(equal(v.result, 0), ones_like(v.result), v.result);
    return complex(v.cotangent * real(z) / safe, negate(v.cotangent * imag(z) / safe));
}

}  // namespace

constinit const Unary abs{
    {.name = "abs",
     .spec = "StableHLO specification, abs",
     .stablehlo = "stablehlo.abs",
     .scalar = "abs($0)",
     .types = Types::SIGNED,
     .gives = Gives::PART,
     .reference = {.f64 = [](const double* x) { return std::fabs(x[0]); },
                   .i64 = [](const std::int64_t* x) { return x[0] < 0 ? wrapped_negative(x[0]) : x[0]; },
                   .c128 = [](const Complex128* x) -> Complex128 { return std::abs(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {magnitude_gradient(v)}; },
     .jvp = [](const JvpArguments& v) -> Tensors {
         const Tensor &z = v.operands[0], &t = v.tangents[0];
         if (!is_complex(z.type())) return {t * sign(z)};
         const Tensor safe = select(equal(v.result, 0), ones_like(v.result), v.result);
         return {(real(z) * real(t) + imag(z) * imag(t)) / safe};
     }}};
constinit const Unary negate{{.name = "negate",
                              .spec = "StableHLO specification, negate",
                              .stablehlo = "stablehlo.negate",
                              .scalar = "-$0",
                              .reference = {.f64 = [](const double* x) { return -x[0]; },
                                            .i64 = [](const std::int64_t* x) { return wrapped_negative(x[0]); },
                                            .u64 = [](const std::uint64_t* x) { return std::uint64_t{0} - x[0]; },
                                            .c128 = [](const Complex128* x) { return -x[0]; }},
                              .vjp = [](const VjpArguments& v) -> Tensors { return {negate(v.cotangent)}; }}};
constinit const Unary sign{
    {.name = "sign",
     .spec = "StableHLO specification, sign",
     .stablehlo = "stablehlo.sign",
     .scalar = "sign($0)",
     .types = Types::SIGNED,
     .reference = {.f64 = [](const double* x) { return unit(x[0]); },
                   .i64 = [](const std::int64_t* x) { return static_cast<std::int64_t>((x[0] > 0) - (x[0] < 0)); },
                   .c128 = [](const Complex128* x) { return unit(x[0]); }},
     .vjp = FLAT}};
constinit const Unary exp{{.name = "exp",
                           .spec = "StableHLO specification, exponential",
                           .stablehlo = "stablehlo.exponential",
                           .scalar = "exp($0)",
                           .types = Types::INEXACT,
                           .reference = inexact<[](auto x) { return std::exp(x); }>,
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * v.result}; }}};
constinit const Unary expm1{{.name = "expm1",
                             .spec = "StableHLO specification, exponential_minus_one",
                             .stablehlo = "stablehlo.exponential_minus_one",
                             .scalar = "expm1($0)",
                             .types = Types::INEXACT,
                             .reference = inexact<[](auto x) { return exp_minus_one(x); }>,
                             .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (v.result + 1.0)}; }}};
constinit const Unary log{{.name = "log",
                           .spec = "StableHLO specification, log",
                           .stablehlo = "stablehlo.log",
                           .scalar = "log($0)",
                           .types = Types::INEXACT,
                           .reference = inexact<[](auto x) { return std::log(x); }>,
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent / v.operands[0]}; },
                           .domain = {0.1, 4.0}}};
constinit const Unary log1p{
    {.name = "log1p",
     .spec = "StableHLO specification, log_plus_one",
     .stablehlo = "stablehlo.log_plus_one",
     .scalar = "log1p($0)",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return log_plus_one(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent / (v.operands[0] + 1.0)}; },
     .domain = {-0.5, 4.0}}};
constinit const Unary sqrt{{.name = "sqrt",
                            .spec = "StableHLO specification, sqrt",
                            .stablehlo = "stablehlo.sqrt",
                            .scalar = "sqrt($0)",
                            .types = Types::INEXACT,
                            .reference = inexact<[](auto x) { return std::sqrt(x); }>,
                            .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (0.5 / v.result)}; },
                            .domain = {0.1, 4.0}}};
constinit const Unary rsqrt{
    {.name = "rsqrt",
     .spec = "StableHLO specification, rsqrt",
     .stablehlo = "stablehlo.rsqrt",
     .scalar = "rsqrt($0)",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return 1.0 / std::sqrt(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (-0.5 * v.result / v.operands[0])}; },
     .domain = {0.1, 4.0}}};
constinit const Unary cbrt{
    {.name = "cbrt",
     .spec = "StableHLO specification, cbrt",
     .stablehlo = "stablehlo.cbrt",
     .scalar = "cbrt($0)",
     .types = Types::FLOAT,
     .reference = {.f64 = [](const double* x) { return std::cbrt(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * v.result / (3.0 * v.operands[0])}; },
     .domain = {0.1, 4.0}}};
constinit const Unary logistic{
    {.name = "logistic",
     .spec = "StableHLO specification, logistic",
     .stablehlo = "stablehlo.logistic",
     .scalar = "1 / (1 + exp(-$0))",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return 1.0 / (1.0 + std::exp(-x)); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (v.result * (1.0 - v.result))}; }}};
constinit const Unary tanh{
    {.name = "tanh",
     .spec = "StableHLO specification, tanh",
     .stablehlo = "stablehlo.tanh",
     .scalar = "tanh($0)",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return std::tanh(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (1.0 - v.result * v.result)}; }}};
constinit const Unary sin{{.name = "sin",
                           .spec = "StableHLO specification, sine",
                           .stablehlo = "stablehlo.sine",
                           .scalar = "sin($0)",
                           .types = Types::INEXACT,
                           .reference = inexact<[](auto x) { return std::sin(x); }>,
                           .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * cos(v.operands[0])}; }}};
constinit const Unary cos{
    {.name = "cos",
     .spec = "StableHLO specification, cosine",
     .stablehlo = "stablehlo.cosine",
     .scalar = "cos($0)",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return std::cos(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * negate(sin(v.operands[0]))}; }}};
constinit const Unary tan{
    {.name = "tan",
     .spec = "StableHLO specification, tan",
     .stablehlo = "stablehlo.tan",
     .scalar = "tan($0)",
     .types = Types::INEXACT,
     .reference = inexact<[](auto x) { return std::tan(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * (1.0 + v.result * v.result)}; },
     .domain = {-1.2, 1.2}}};
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
constinit const Unary round{{.name = "round",
                             .spec = "StableHLO specification, round_nearest_even",
                             .stablehlo = "stablehlo.round_nearest_even",
                             .scalar = "rint($0)",
                             .types = Types::FLOAT,
                             .reference = {.f64 = [](const double* x) { return std::nearbyint(x[0]); }},
                             .vjp = FLAT}};
constinit const Unary round_half_away{{.name = "round_half_away",
                                       .spec = "StableHLO specification, round_nearest_afz",
                                       .stablehlo = "stablehlo.round_nearest_afz",
                                       .scalar = "round($0)",
                                       .types = Types::FLOAT,
                                       .reference = {.f64 = [](const double* x) { return std::round(x[0]); }},
                                       .vjp = FLAT}};
constinit const Unary is_finite{{.name = "is_finite",
                                 .spec = "StableHLO specification, is_finite",
                                 .stablehlo = "stablehlo.is_finite",
                                 .scalar = "isfinite($0)",
                                 .types = Types::FLOAT,
                                 .gives = Gives::BOOL,
                                 .reference = {.f64 = [](const double* x) { return std::isfinite(x[0]) ? 1.0 : 0.0; }},
                                 .vjp = FLAT}};
constinit const Unary real{{.name = "real",
                            .spec = "StableHLO specification, real",
                            .stablehlo = "stablehlo.real",
                            .scalar = "creal($0)",
                            .types = Types::INEXACT,
                            .gives = Gives::PART,
                            .reference = {.f64 = [](const double* x) { return x[0]; },
                                          .c128 = [](const Complex128* x) -> Complex128 { return x[0].real(); }},
                            .vjp = [](const VjpArguments& v) -> Tensors {
                                return {is_complex(v.operands[0].type()) ? complex(v.cotangent, 0.0) : v.cotangent};
                            },
                            .jvp = [](const JvpArguments& v) -> Tensors { return {real(v.tangents[0])}; }}};
constinit const Unary imag{
    {.name = "imag",
     .spec = "StableHLO specification, imag; the cotangent is JAX's: the derivative's transpose without conjugation",
     .stablehlo = "stablehlo.imag",
     .scalar = "cimag($0)",
     .types = Types::INEXACT,
     .gives = Gives::PART,
     .reference = {.f64 = [](const double*) { return 0.0; },
                   .c128 = [](const Complex128* x) -> Complex128 { return x[0].imag(); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         if (!is_complex(v.operands[0].type())) return {{}};
         return {complex(zeros_like(v.cotangent), negate(v.cotangent))};
     },
     .jvp = [](const JvpArguments& v) -> Tensors { return {imag(v.tangents[0])}; }}};

}  // namespace podium
