#include "podium/ir/special_numbers.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace podium {
namespace {

constexpr double INFINITE = std::numeric_limits<double>::infinity();
constexpr double UNDEFINED = std::numeric_limits<double>::quiet_NaN();

/// B(2k) / (2k)! for k = 1, 2, …: the weights of the Euler–Maclaurin sum.
constexpr std::array BERNOULLI_OVER_FACTORIAL{1.0 / 12,
                                              -1.0 / 720,
                                              1.0 / 30240,
                                              -1.0 / 1209600,
                                              1.0 / 47900160,
                                              -691.0 / 1307674368000,
                                              1.0 / 74724249600,
                                              -3617.0 / 10670622842880000,
                                              43867.0 / 5109094217170944000};

}  // namespace

double hurwitz_zeta(double x, double q) {
    constexpr int DIRECT = 12;
    if (x == 1) return INFINITE;
    if (std::isnan(x) || std::isnan(q)) return UNDEFINED;
    if (q <= 0 && q == std::floor(q)) return std::fmod(x, 2) == 0 ? INFINITE : UNDEFINED;
    if (x < 1) return UNDEFINED;
    if (q <= 0 && x != std::floor(x)) return UNDEFINED;
    if (std::isinf(x)) return UNDEFINED;
    if (std::isinf(q)) return 0.0;
    double sum = 0;
    double at = q;
    for (int n = 0; n < DIRECT || at < DIRECT; ++n, ++at) sum += std::pow(at, -x);
    sum += std::pow(at, 1 - x) / (x - 1) + std::pow(at, -x) / 2;
    double rising = x, power = std::pow(at, -x - 1);
    for (std::size_t k = 0; k < BERNOULLI_OVER_FACTORIAL.size(); ++k) {
        sum += BERNOULLI_OVER_FACTORIAL[k] * rising * power;
        const double order = x + 2.0 * static_cast<double>(k) + 1;
        rising *= order * (order + 1);
        power /= at * at;
    }
    return sum;
}

double psi(double x) {
    constexpr double ASYMPTOTIC_FROM = 10;
    if (std::isnan(x) || x == -INFINITE) return UNDEFINED;
    if (x == INFINITE) return INFINITE;
    if (x <= 0 && x == std::floor(x)) return UNDEFINED;
    if (x < 0.5) {
        const double fraction = x - std::round(x);
        return psi(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * fraction);
    }
    double shift = 0;
    for (; x < ASYMPTOTIC_FROM; ++x) shift += 1 / x;
    const double inverse = 1 / (x * x);
    const double tail =
        inverse *
        (1.0 / 12 -
         inverse * (1.0 / 120 -
                    inverse * (1.0 / 252 - inverse * (1.0 / 240 - inverse * (1.0 / 132 - inverse * (691.0 / 32760 -
                                                                                                    inverse / 12))))));
    return std::log(x) - 0.5 / x - tail - shift;
}

double poly_psi(double n, double x) {
    if (!(n >= 0) || n != std::floor(n)) return UNDEFINED;
    if (n == 0) return psi(x);
    if (x == INFINITE) return UNDEFINED;  // as CHLO's expansion has it
    const double sign = std::fmod(n, 2) == 0 ? -1.0 : 1.0;
    return sign * std::exp(std::lgamma(n + 1)) * hurwitz_zeta(n + 1, x);
}

double inverse_erf(double y) {
    if (!(std::fabs(y) <= 1)) return UNDEFINED;
    if (std::fabs(y) == 1) return std::copysign(INFINITE, y);
    if (y == 0) return y;
    constexpr int STEPS = 4;
    constexpr double A = 0.147;  // Source: Winitzki 2008, good to 2e-3
    const double rest = std::log1p(-y * y), middle = 2 / (std::numbers::pi * A) + rest / 2;
    double x = std::sqrt(std::sqrt(middle * middle - rest / A) - middle);
    const double size = std::fabs(y);
    for (int i = 0; i < STEPS; ++i) {
        const double error = size > 0.5 ? (1 - size) - std::erfc(x) : std::erf(x) - size;
        const double step = error / (2 / std::sqrt(std::numbers::pi) * std::exp(-x * x));
        x -= step / (1 + x * step);  // Halley's
    }
    return std::copysign(x, y);
}

double scaled_bessel_i1(double x) {
    constexpr double ASYMPTOTIC_FROM = 30;
    const double size = std::fabs(x);
    if (std::isnan(x) || std::isinf(x)) return std::isnan(x) ? x : std::copysign(0.0, x);
    double sum = 0;
    if (size < ASYMPTOTIC_FROM) {
        double term = std::exp(-size) * size / 2;
        for (int k = 1; term > sum * 1e-18; ++k) {
            sum += term;
            term *= size * size / 4 / (static_cast<double>(k) * (k + 1));
        }
    } else {
        double term = 1 / (std::sqrt(2 * std::numbers::pi) * std::sqrt(size));
        for (int k = 1; k < 20 && std::fabs(term) > sum * 1e-18; ++k) {
            sum += term;
            term *= -(4.0 - (2.0 * k - 1) * (2.0 * k - 1)) / (8.0 * k * size);
        }
    }
    return std::copysign(sum, x);
}

}  // namespace podium
