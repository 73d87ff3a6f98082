#include "podium/proof/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "podium/ir/number.h"
#include "podium/proof/draw.h"

namespace podium::proof {
namespace {

constexpr double FAR = std::numeric_limits<double>::infinity();

/// Bits of the mantissa and the least exponent of a normal number.
struct Precision {
    int mantissa_bits, least_exponent;
};
Precision precision_of(DataType type) {
    switch (type) {
        case DataType::FLOAT4_E2M1FN: return {1, 0};
        case DataType::FLOAT8_E3M4: return {4, -2};
        case DataType::FLOAT8_E4M3:
        case DataType::FLOAT8_E4M3FN: return {3, -6};
        case DataType::FLOAT8_E4M3FNUZ: return {3, -7};
        case DataType::FLOAT8_E4M3B11FNUZ: return {3, -10};
        case DataType::FLOAT8_E5M2: return {2, -14};
        case DataType::FLOAT8_E5M2FNUZ: return {2, -15};
        case DataType::FLOAT8_E8M0FNU: return {0, -127};
        case DataType::FLOAT16: return {10, -14};
        case DataType::BFLOAT16: return {7, -126};
        case DataType::FLOAT32:
        case DataType::COMPLEX64: return {23, -126};
        default: return {52, -1022};
    }
}

/// Returns the distance in units in the last place of `scale`.
double distance(double found, double expected, double scale, const Precision& precision) {
    if (std::isnan(found) && std::isnan(expected)) return 0;
    if (found == expected) return std::signbit(found) == std::signbit(expected) ? 0 : 1;
    if (!std::isfinite(found) || !std::isfinite(expected)) return FAR;
    const int exponent = scale == 0 ? precision.least_exponent : std::max(std::ilogb(scale), precision.least_exponent);
    return std::ldexp(std::fabs(found - expected), precision.mantissa_bits - exponent);
}

double magnitude(Complex128 x) { return std::max(std::fabs(x.real()), std::fabs(x.imag())); }
bool is_finite(Complex128 x) { return std::isfinite(x.real()) && std::isfinite(x.imag()); }

/// How elements of one row's results are compared.
class Measure {
public:
    Measure(const Tolerance& tolerance, DataType operands, const HostArray& expected)
        : allowance_(tolerance.allowance),
          zeros_are_equal_(tolerance.zeros_are_equal),
          operands_(operands),
          type_(expected.type()),
          precision_(precision_of(type_)) {
        if (allowance_.scale != Scale::GREATEST || !is_inexact(type_)) return;
        for (std::int64_t i = 0; i < expected.count(); ++i)
            if (const auto element = expected.as_complex(i); is_finite(element))
                greatest_ = std::max(greatest_, magnitude(element));
    }

    double operator()(const HostArray& found, const HostArray& expected, std::int64_t i) const {
        if (!is_inexact(type_)) return load(found, i) == load(expected, i) ? 0 : FAR;
        const Complex128 x = found.as_complex(i), y = expected.as_complex(i);
        if (zeros_are_equal_ && x == y) return 0;
        if (!is_complex(type_)) return distance(x.real(), y.real(), scale(std::fabs(y.real())), precision_);
        if (allowance_.op == nullptr)
            return std::max(distance(x.real(), y.real(), y.real(), precision_),
                            distance(x.imag(), y.imag(), y.imag(), precision_));
        const double of = scale(magnitude(y));
        return std::max(distance(x.real(), y.real(), of, precision_), distance(x.imag(), y.imag(), of, precision_));
    }

    /// True if the row is an approximation and its result lies between the two, or is zero for want of a number just
    /// above the least normal one: what is computed on the way was below it.
    bool lost_denormals(double found, double one, double other) const {
        const bool tiny = found == 0 && std::fabs(one) <= std::ldexp(2, precision_.least_exponent);
        return allowance_.op != nullptr && (tiny || (std::min(one, other) <= found && found <= std::max(one, other)));
    }

    double limit() const {
        const auto bits = size_bits(part_type(type_));
        return !is_inexact(type_)      ? 0
               : is_complex(operands_) ? allowance_.complex
               : bits == 64            ? allowance_.wide
               : bits == 32            ? allowance_.single
                                       : allowance_.narrow;
    }

private:
    double scale(double element) const {
        return allowance_.scale == Scale::ONE ? std::max(element, 1.0) : std::max(element, greatest_);
    }

    const Allowance& allowance_;
    bool zeros_are_equal_;
    DataType operands_, type_;
    Precision precision_;
    double greatest_ = 0;
};

std::string element_text(const HostArray& array, std::int64_t i) {
    if (is_complex(array.type()))
        return fmt::format("({}, {})", array.as_complex(i).real(), array.as_complex(i).imag());
    if (is_float(array.type())) return fmt::format("{}", array.as_double(i));
    const Number number = load(array, i);
    const auto* integer = std::get_if<std::int64_t>(&number);
    return integer ? fmt::format("{}", *integer) : fmt::format("{}", std::get<std::uint64_t>(number));
}

}  // namespace

Difference compare(const Tolerance& tolerance, DataType type, const HostArray& found, const HostArray& expected,
                   const HostArray& without_denormals) {
    if (!(found.shape() == expected.shape()))
        return {FAR, false, false, -1,
                fmt::format("gives {}, expected {}", to_string(found.shape()), to_string(expected.shape()))};
    const Measure measure(tolerance, type, expected);
    const HostArray flushed_found = flushed(found), flushed_expected = flushed(expected),
                    flushed_both = flushed(without_denormals);
    Difference worst;
    std::int64_t at = -1;
    for (std::int64_t i = 0; i < expected.count(); ++i) {
        double ulps = measure(found, expected, i);
        if (ulps == 0) continue;
        worst.exact = false;
        ulps = std::min({ulps, measure(found, flushed_expected, i), measure(flushed_found, flushed_both, i)});
        if (is_float(expected.type()) &&
            measure.lost_denormals(found.as_double(i), expected.as_double(i), without_denormals.as_double(i)))
            ulps = 0;
        if (at >= 0 && ulps <= worst.ulps) continue;
        worst.ulps = ulps;
        at = i;
    }
    if (at < 0) return worst;
    worst.element = at;
    worst.allowed = worst.ulps <= measure.limit();
    worst.text = fmt::format("element {} of {} is {}, expected {}", at, to_string(expected.shape()),
                             element_text(found, at), element_text(expected, at));
    return worst;
}

}  // namespace podium::proof
