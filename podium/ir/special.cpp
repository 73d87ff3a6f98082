// The special functions of CHLO: rows that a plugin expands itself. Source: the CHLO dialect of StableHLO's repository.
#include <cmath>
#include <cstring>
#include <limits>

#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/number.h"
#include "podium/ir/special_numbers.h"

namespace podium {
namespace {

constexpr double INF = std::numeric_limits<double>::infinity();
constexpr double NOT_A_NUMBER = std::numeric_limits<double>::quiet_NaN();

/// References of `F` for real and for complex numbers.
template <auto F>
constexpr Reference of_inexact{.f64 = [](const double* x) -> double { return F(x[0]); },
                               .c128 = [](const Complex128* x) -> Complex128 { return F(x[0]); }};

/// The cotangent of a first operand that has no derivative: NaN, which says so where one is asked for.
Tensor unknown_gradient(const VjpArguments& v) { return full(v.result.dims(), NOT_A_NUMBER, v.result.type()); }

/// Returns the next number after `from` towards `to`, both stored as sign and magnitude in `width` bits.
std::uint64_t next_bits(std::uint64_t from, std::uint64_t to, std::size_t width, double from_value, double to_value) {
    const std::uint64_t sign = std::uint64_t{1} << (width - 1);
    if (from_value == to_value) return to;
    if (from_value == 0) return (to & sign) | 1;
    const bool away = (from_value < to_value) == (from_value > 0);
    return away ? from + 1 : from - 1;
}

std::vector<HostArray> evaluate_next_after(const Evaluation& e) {
    HostArray result(e.node.shape);
    const std::size_t width = size_bytes(e.node.shape.type);
    for (std::int64_t i = 0; i < result.count(); ++i) {
        const double from = e.operands[0].as_double(i), to = e.operands[1].as_double(i);
        if (std::isnan(from) || std::isnan(to)) {
            store(result, i, NOT_A_NUMBER);
            continue;
        }
        std::uint64_t a = 0, b = 0;
        const auto offset = static_cast<std::size_t>(i) * width;
        std::memcpy(&a, e.operands[0].data() + offset, width);
        std::memcpy(&b, e.operands[1].data() + offset, width);
        const std::uint64_t next = next_bits(a, b, width * 8, from, to);
        std::memcpy(result.mutable_data() + offset, &next, width);
    }
    return {result};
}

/// Chebyshev coefficients of e^-x I0(x) for x ≤ 8 over x/4 - 1, and of sqrt(x) e^-x I0(x) beyond over 16/x - 1; the
/// first of each halved.
constexpr std::array I0_NEAR{
    0.33839763720473804,    -0.3046826723431984,     0.17162090152220878,    -0.094901097048047644,
    0.049305284239670708,   -0.023737414805899469,   0.010546460394594998,   -0.0043243099950505759,
    0.0016394756169413358,  -0.00057637557453858237, 0.00018850288509584166, -5.7541950100821037e-5,
    1.6448448070728897e-5,  -4.4167383584587506e-6,  1.1173875391201037e-6,  -2.6707938539406117e-7,
    6.0469950225419189e-8,  -1.300025009986248e-8,   2.6598237246823867e-9,  -5.1897956016352629e-10,
    9.6758090353732369e-11, -1.7268262914415557e-11, 2.9550526631296398e-12, -4.8564467831119295e-13,
    7.6761854986049356e-14, -1.1685332877993452e-14, 1.715391285555133e-15,  -2.4312798465479547e-16,
    3.3307945188222381e-17};
constexpr std::array I0_FAR{
    0.40224520550705442,     0.0033691164782556941,   6.889758346916824e-5,    2.8913705208347565e-6,
    2.0489185894690637e-7,   2.2666689904981781e-8,   3.3962320257083863e-9,   4.9406023882249696e-10,
    1.1889147107846438e-11,  -3.1499165279632414e-11, -1.3215811840447713e-11, -1.7941785315068061e-12,
    7.1801244513836662e-13,  3.8527783827421427e-13,  1.5400862175214098e-14,  -4.1505693472872221e-14,
    -9.5548466988283076e-15, 3.8116806693526224e-15,  1.7725601330565264e-15,  -3.4254856196772191e-16,
    -2.8276239805165835e-16, 3.4612228676974611e-17,  4.46562142029676e-17};

/// Returns the Chebyshev sum at `y` in [-1, 1] by Clenshaw's rule.
Tensor chebyshev(std::span<const double> coefficients, const Tensor& y) {
    Tensor last = zeros_like(y), before = last;
    const Tensor twice = 2.0 * y;
    for (auto c = coefficients.size(); c-- > 1;) {
        const Tensor next = twice * last - before + coefficients[c];
        before = last;
        last = next;
    }
    return y * last - before + coefficients[0];
}

}  // namespace

constinit const Unary acos{{.name = "acos",
                            .spec = "CHLO, acos",
                            .stablehlo = "chlo.acos",
                            .scalar = "acos($0)",
                            .types = Types::INEXACT,

                            .reference = of_inexact<[](auto x) { return std::acos(x); }>,
                            .vjp = [](const VjpArguments& v) -> Tensors {
                                return {negate(v.cotangent * rsqrt((1.0 - v.operands[0]) * (1.0 + v.operands[0])))};
                            },
                            .domain = {-0.9, 0.9}}};
constinit const Unary acosh{{.name = "acosh",
                             .spec = "CHLO, acosh",
                             .stablehlo = "chlo.acosh",
                             .scalar = "acosh($0)",
                             .types = Types::INEXACT,

                             .reference = of_inexact<[](auto x) { return std::acosh(x); }>,
                             .vjp = [](const VjpArguments& v) -> Tensors {
                                 return {v.cotangent * (rsqrt(v.operands[0] - 1.0) * rsqrt(v.operands[0] + 1.0))};
                             },
                             .domain = {1.2, 4.0}}};
constinit const Unary asin{{.name = "asin",
                            .spec = "CHLO, asin",
                            .stablehlo = "chlo.asin",
                            .scalar = "asin($0)",
                            .types = Types::INEXACT,

                            .reference = of_inexact<[](auto x) { return std::asin(x); }>,
                            .vjp = [](const VjpArguments& v) -> Tensors {
                                return {v.cotangent * rsqrt((1.0 - v.operands[0]) * (1.0 + v.operands[0]))};
                            },
                            .domain = {-0.9, 0.9}}};
constinit const Unary asinh{{.name = "asinh",
                             .spec = "CHLO, asinh",
                             .stablehlo = "chlo.asinh",
                             .scalar = "asinh($0)",
                             .types = Types::INEXACT,

                             .reference = of_inexact<[](auto x) { return std::asinh(x); }>,
                             .vjp = [](const VjpArguments& v) -> Tensors {
                                 return {v.cotangent * rsqrt(v.operands[0] * v.operands[0] + 1.0)};
                             }}};
constinit const Unary atan{
    {.name = "atan",
     .spec = "CHLO, atan",
     .stablehlo = "chlo.atan",
     .scalar = "atan($0)",
     .types = Types::INEXACT,

     .reference = of_inexact<[](auto x) { return std::atan(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent / (v.operands[0] * v.operands[0] + 1.0)}; }}};
constinit const Unary atanh{{.name = "atanh",
                             .spec = "CHLO, atanh",
                             .stablehlo = "chlo.atanh",
                             .scalar = "atanh($0)",
                             .types = Types::INEXACT,

                             .reference = of_inexact<[](auto x) { return std::atanh(x); }>,
                             .vjp = [](const VjpArguments& v) -> Tensors {
                                 return {v.cotangent / ((1.0 - v.operands[0]) * (1.0 + v.operands[0]))};
                             },
                             .domain = {-0.9, 0.9}}};
constinit const Unary sinh{
    {.name = "sinh",
     .spec = "CHLO, sinh",
     .stablehlo = "chlo.sinh",
     .scalar = "sinh($0)",
     .types = Types::INEXACT,

     .reference = of_inexact<[](auto x) { return std::sinh(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * cosh(v.operands[0])}; }}};
constinit const Unary cosh{
    {.name = "cosh",
     .spec = "CHLO, cosh",
     .stablehlo = "chlo.cosh",
     .scalar = "cosh($0)",
     .types = Types::INEXACT,

     .reference = of_inexact<[](auto x) { return std::cosh(x); }>,
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * sinh(v.operands[0])}; }}};
constinit const Unary erf{{.name = "erf",
                           .spec = "CHLO, erf",
                           .stablehlo = "chlo.erf",
                           .scalar = "erf($0)",
                           .types = Types::FLOAT,

                           .reference = {.f64 = [](const double* x) { return std::erf(x[0]); }},
                           .vjp = [](const VjpArguments& v) -> Tensors {
                               return {v.cotangent *
                                       ((2.0 * std::numbers::inv_sqrtpi) * exp(negate(v.operands[0] * v.operands[0])))};
                           }}};
constinit const Unary erfc{
    {.name = "erfc",
     .spec = "CHLO, erfc",
     .stablehlo = "chlo.erfc",
     .scalar = "erfc($0)",
     .types = Types::FLOAT,

     .reference = {.f64 = [](const double* x) { return std::erfc(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {v.cotangent * ((-2.0 * std::numbers::inv_sqrtpi) * exp(negate(v.operands[0] * v.operands[0])))};
     }}};
constinit const Unary erf_inv{{.name = "erf_inv",
                               .spec = "CHLO, erf_inv",
                               .stablehlo = "chlo.erf_inv",
                               .scalar = "erfinv($0)",
                               .types = Types::FLOAT,

                               .reference = {.f64 = [](const double* x) { return inverse_erf(x[0]); }},
                               .vjp = [](const VjpArguments& v) -> Tensors {
                                   return {v.cotangent * ((0.5 / std::numbers::inv_sqrtpi) * exp(v.result * v.result))};
                               },
                               .domain = {-0.9, 0.9}}};
constinit const Unary lgamma{
    {.name = "lgamma",
     .spec = "CHLO, lgamma: the logarithm of the gamma function's magnitude",
     .stablehlo = "chlo.lgamma",
     .scalar = "lgamma($0)",
     .types = Types::FLOAT,

     .reference = {.f64 = [](const double* x) { return std::lgamma(x[0]); }},
     .vjp = [](const VjpArguments& v) -> Tensors { return {v.cotangent * digamma(v.operands[0])}; },
     .domain = {0.3, 4.0}}};
constinit const Unary digamma{{.name = "digamma",
                               .spec = "CHLO, digamma",
                               .stablehlo = "chlo.digamma",
                               .scalar = "digamma($0)",
                               .types = Types::FLOAT,

                               .reference = {.f64 = [](const double* x) { return psi(x[0]); }},
                               .vjp = [](const VjpArguments& v) -> Tensors {
                                   return {v.cotangent * polygamma(ones_like(v.operands[0]), v.operands[0])};
                               },
                               .domain = {0.3, 4.0}}};
constinit const Unary bessel_i1e{{.name = "bessel_i1e",
                                  .spec = "CHLO, bessel_i1e: exp(-|x|) I1(x)",
                                  .stablehlo = "chlo.bessel_i1e",
                                  .scalar = "bessel_i1e($0)",
                                  .types = Types::FLOAT,

                                  .reference = {.f64 = [](const double* x) { return scaled_bessel_i1(x[0]); }},
                                  .vjp = [](const VjpArguments& v) -> Tensors {
                                      const Tensor& x = v.operands[0];
                                      const Tensor tiny = less(abs(x), 1e-6),
                                                   safe = select(tiny, ones_like(x), x);  // at 0 it is 1/2
                                      const Tensor slope = bessel_i0e(safe) - v.result * (sign(safe) + 1.0 / safe);
                                      return {v.cotangent * select(tiny, 0.5, slope)};
                                  }}};
constinit const Unary is_inf{{.name = "is_inf",
                              .spec = "CHLO, is_inf",
                              .stablehlo = "chlo.is_inf",
                              .scalar = "isinf($0)",
                              .types = Types::FLOAT,
                              .gives = Gives::BOOL,
                              .reference = {.f64 = [](const double* x) { return std::isinf(x[0]) ? 1.0 : 0.0; }},
                              .vjp = FLAT}};
constinit const Unary is_pos_inf{{.name = "is_pos_inf",
                                  .spec = "CHLO, is_pos_inf",
                                  .stablehlo = "chlo.is_pos_inf",
                                  .scalar = "$0 == INFINITY",
                                  .types = Types::FLOAT,
                                  .gives = Gives::BOOL,
                                  .reference = {.f64 = [](const double* x) { return x[0] == INF ? 1.0 : 0.0; }},
                                  .vjp = FLAT}};
constinit const Unary is_neg_inf{{.name = "is_neg_inf",
                                  .spec = "CHLO, is_neg_inf",
                                  .stablehlo = "chlo.is_neg_inf",
                                  .scalar = "$0 == -INFINITY",
                                  .types = Types::FLOAT,
                                  .gives = Gives::BOOL,
                                  .reference = {.f64 = [](const double* x) { return x[0] == -INF ? 1.0 : 0.0; }},
                                  .vjp = FLAT}};
constinit const Binary next_after{
    {.name = "next_after",
     .spec = "CHLO, next_after: the number after x towards y",
     .stablehlo = "chlo.next_after",
     .scalar = "nextafter($0, $1)",
     .types = Types::FLOAT,

     .evaluate = evaluate_next_after,
     .vjp = "moves by one unit in the last place: its derivative is not a useful number"}};
constinit const Binary polygamma{
    {.name = "polygamma",
     .spec = "CHLO, polygamma(n, x): the n-th derivative of digamma",
     .stablehlo = "chlo.polygamma",
     .scalar = "polygamma($0, $1)",
     .types = Types::FLOAT,

     .reference = {.f64 = [](const double* x) { return poly_psi(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {unknown_gradient(v), v.cotangent * polygamma(v.operands[0] + 1.0, v.operands[1])};
     },
     .domain = {0.5, 3.0}}};
constinit const Binary zeta{
    {.name = "zeta",
     .spec = "CHLO, zeta(x, q): Hurwitz's, sum over n of (q + n)^-x",
     .stablehlo = "chlo.zeta",
     .scalar = "zeta($0, $1)",
     .types = Types::FLOAT,

     .reference = {.f64 = [](const double* x) { return hurwitz_zeta(x[0], x[1]); }},
     .vjp = [](const VjpArguments& v) -> Tensors {
         return {unknown_gradient(v), negate(v.cotangent * v.operands[0] * zeta(v.operands[0] + 1.0, v.operands[1]))};
     },
     .domain = {1.5, 4.0}}};

namespace rows {

constinit const Op bessel_i0e{.name = "bessel_i0e",
                              .spec = "podium: exp(-|x|) I0(x), a Chebyshev sum; NIST DLMF 10.25",
                              .kind = Kind::COMPOSITE,
                              .types = Types::FLOAT,
                              .expand = [](const Node& node) -> Tensors {
                                  const LocationScope scope(node.location);
                                  const Tensor size = abs(node.operands[0]);
                                  const Tensor far = greater(size, 8.0), safe = select(far, size, 16.0);
                                  return {select(far, chebyshev(I0_FAR, 16.0 / safe - 1.0) * rsqrt(safe),
                                                 chebyshev(I0_NEAR, minimum(size, 8.0) / 4.0 - 1.0))};
                              },
                              .vjp = [](const VjpArguments& v) -> Tensors {
                                  return {v.cotangent * (bessel_i1e(v.operands[0]) - sign(v.operands[0]) * v.result)};
                              }};

}  // namespace rows

Tensor bessel_i0e(const Operand& x) {
    const Tensor& tensor = x.tensor();
    if (!is_float(tensor.type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("bessel_i0e: takes floating-point numbers, got {}", to_string(tensor.shape())));
    return record({.op = rows::bessel_i0e,
                   .shape = Shape(tensor.type(), tensor.dims()),
                   .operands = {tensor},
                   .location = x.location()});
}

}  // namespace podium
