#include "podium/base/data_type.h"

#include <array>
#include <cmath>

namespace podium {
namespace {

struct TypeRow {
    std::string_view name;
    std::size_t size_bits;
};
constexpr std::array<TypeRow, DATA_TYPE_COUNT> TYPES{
    {{"bool", 8},          {"i2", 2},       {"i4", 4},         {"i8", 8},        {"i16", 16},     {"i32", 32},
     {"i64", 64},          {"u2", 2},       {"u4", 4},         {"u8", 8},        {"u16", 16},     {"u32", 32},
     {"u64", 64},          {"f4E2M1FN", 4}, {"f8E3M4", 8},     {"f8E4M3", 8},    {"f8E4M3FN", 8}, {"f8E4M3FNUZ", 8},
     {"f8E4M3B11FNUZ", 8}, {"f8E5M2", 8},   {"f8E5M2FNUZ", 8}, {"f8E8M0FNU", 8}, {"f16", 16},     {"bf16", 16},
     {"f32", 32},          {"f64", 64},     {"c64", 64},       {"c128", 128}}};

/// Returns `value` rounded to `mantissa_bits` with the least normal exponent `least`, to nearest even.
double round_to(double value, int mantissa_bits, int least) {
    if (value == 0.0 || !std::isfinite(value)) return value;
    const int exponent = std::max(std::ilogb(value), least);
    const double unit = std::ldexp(1.0, exponent - mantissa_bits);
    return std::nearbyint(value / unit) * unit;
}

}  // namespace

std::string_view name(DataType type) { return TYPES[static_cast<std::size_t>(type)].name; }
std::size_t size_bits(DataType type) { return TYPES[static_cast<std::size_t>(type)].size_bits; }
std::size_t size_bytes(DataType type) { return (size_bits(type) + 7) / 8; }

DataType part_type(DataType type) {
    return type == DataType::COMPLEX64 ? DataType::FLOAT32 : type == DataType::COMPLEX128 ? DataType::FLOAT64 : type;
}

std::optional<DataType> complex_type(DataType part) {
    if (part == DataType::FLOAT32) return DataType::COMPLEX64;
    if (part == DataType::FLOAT64) return DataType::COMPLEX128;
    return std::nullopt;
}

std::optional<DataType> data_type_named(std::string_view name) {
    for (std::size_t i = 0; i < TYPES.size(); ++i)
        if (TYPES[i].name == name) return static_cast<DataType>(i);
    return std::nullopt;
}

BFloat16::BFloat16(float value) {
    const auto raw = std::bit_cast<std::uint32_t>(value);
    bits = std::isnan(value) ? static_cast<std::uint16_t>((raw >> 16) | 0x40U)
                             : static_cast<std::uint16_t>((raw + 0x7FFFU + ((raw >> 16) & 1U)) >> 16);
}

BFloat16 bfloat16_from_double(double value) { return BFloat16(static_cast<float>(round_to(value, 7, -126))); }

Float16::Float16(float value) {
    const auto sign = static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) >> 16) & 0x8000U);
    if (std::isnan(value)) {
        bits = sign | 0x7E00U;
        return;
    }
    const double rounded = round_to(std::fabs(static_cast<double>(value)), 10, -14);
    if (rounded > 65504.0) {
        bits = sign | 0x7C00U;
    } else if (rounded < std::ldexp(1.0, -14)) {
        bits = sign | static_cast<std::uint16_t>(std::ldexp(rounded, 24));
    } else {
        const int exponent = std::ilogb(rounded);
        const auto mantissa = static_cast<std::uint16_t>(std::ldexp(rounded, 10 - exponent));
        bits = sign | static_cast<std::uint16_t>(((exponent + 14) << 10) + mantissa);
    }
}

Float16 float16_from_double(double value) { return Float16(static_cast<float>(round_to(value, 10, -14))); }

Float16::operator float() const {
    const int exponent = (bits >> 10) & 0x1F;
    const int mantissa = bits & 0x3FF;
    const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
    if (exponent == 31) return mantissa != 0 ? std::nanf("") : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
    return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

float small_float_value(std::uint8_t bits, const FloatFormat& format) {
    using Special = FloatFormat::Special;
    const int mantissa_bits = format.mantissa_bits, width = format.exponent_bits + mantissa_bits;
    const int greatest_exponent = (1 << format.exponent_bits) - 1, all_mantissa = (1 << mantissa_bits) - 1;
    const int exponent = (bits >> mantissa_bits) & greatest_exponent, mantissa = bits & all_mantissa;
    const bool negative = format.special != Special::SCALE && ((bits >> width) & 1) != 0;
    const float sign = negative ? -1.0F : 1.0F;
    const float nan = std::copysign(std::nanf(""), sign);
    if (exponent == greatest_exponent) {
        if (format.special == Special::IEEE) return mantissa != 0 ? nan : sign * INFINITY;
        if (format.special == Special::FINITE && mantissa == all_mantissa) return nan;
        if (format.special == Special::SCALE) return nan;
    }
    if (format.special == Special::FNUZ && negative && exponent == 0 && mantissa == 0) return nan;
    if (format.special == Special::SCALE) return std::ldexp(1.0F, exponent - format.bias);
    const int whole = exponent == 0 ? mantissa : mantissa + (1 << mantissa_bits);
    return sign * std::ldexp(static_cast<float>(whole), std::max(exponent, 1) - format.bias - mantissa_bits);
}

std::uint8_t small_float_bits(double value, const FloatFormat& format) {
    using Special = FloatFormat::Special;
    const int mantissa_bits = format.mantissa_bits, width = format.exponent_bits + mantissa_bits;
    const auto sign = static_cast<std::uint8_t>(std::signbit(value) ? 1 << width : 0);
    const auto all_ones = static_cast<std::uint8_t>((1 << width) - 1);
    const auto not_a_number = [&]() -> std::uint8_t {
        switch (format.special) {
            case Special::IEEE: return sign | static_cast<std::uint8_t>(all_ones - ((1 << (mantissa_bits - 1)) - 1));
            case Special::FINITE: return sign | all_ones;
            case Special::FNUZ:
            case Special::NONE: return static_cast<std::uint8_t>(1 << width);
            case Special::SCALE: break;
        }
        return 0xFF;
    };
    const auto beyond = [&]() -> std::uint8_t {
        if (format.special == Special::IEEE)
            return sign | static_cast<std::uint8_t>(all_ones - ((1 << mantissa_bits) - 1));
        return format.special == Special::NONE ? sign | all_ones : not_a_number();
    };
    if (std::isnan(value)) return not_a_number();
    if (format.special == Special::SCALE) {
        if (value <= 0 || std::isinf(value)) return 0xFF;
        int exponent = 0;
        const double fraction = std::frexp(value, &exponent);                        // in [0.5, 1)
        const int stored = exponent - 1 + format.bias + (fraction >= 0.75 ? 1 : 0);  // halfway the greater wins
        return static_cast<std::uint8_t>(stored < 0 ? 0 : stored > 0xFE ? 0xFF : stored);
    }
    const double rounded = std::fabs(round_to(value, mantissa_bits, 1 - format.bias));
    if (std::isinf(rounded)) return beyond();  // also what rounding made so
    if (rounded == 0) return format.special == Special::FNUZ ? 0 : sign;
    const int exponent = std::max(std::ilogb(rounded), 1 - format.bias);
    const auto whole = static_cast<int>(std::ldexp(rounded, mantissa_bits - exponent));
    const int stored = ((exponent + format.bias - 1) << mantissa_bits) + whole;  // a whole mantissa adds one exponent
    const int greatest = format.special == Special::IEEE     ? all_ones - (1 << mantissa_bits)
                         : format.special == Special::FINITE ? all_ones - 1
                                                             : all_ones;
    return stored > greatest ? beyond() : static_cast<std::uint8_t>(sign | stored);
}

}  // namespace podium
