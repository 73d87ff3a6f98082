#include "podium/base/data_type.h"

#include <array>
#include <cmath>

namespace podium {
namespace {

struct TypeRow {
    std::string_view name;
    std::size_t size_bytes;
};
constexpr std::array<TypeRow, DATA_TYPE_COUNT> TYPES{{{"bool", 1},
                                                      {"i8", 1},
                                                      {"i16", 2},
                                                      {"i32", 4},
                                                      {"i64", 8},
                                                      {"u8", 1},
                                                      {"u16", 2},
                                                      {"u32", 4},
                                                      {"u64", 8},
                                                      {"f16", 2},
                                                      {"bf16", 2},
                                                      {"f32", 4},
                                                      {"f64", 8}}};

/// Returns `value` rounded to `mantissa_bits` with the least normal exponent `least`, to nearest even.
double round_to(double value, int mantissa_bits, int least) {
    if (value == 0.0 || !std::isfinite(value)) return value;
    const int exponent = std::max(std::ilogb(value), least);
    const double unit = std::ldexp(1.0, exponent - mantissa_bits);
    return std::nearbyint(value / unit) * unit;
}

}  // namespace

std::string_view name(DataType type) { return TYPES[static_cast<std::size_t>(type)].name; }
std::size_t size_bytes(DataType type) { return TYPES[static_cast<std::size_t>(type)].size_bytes; }

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

}  // namespace podium
