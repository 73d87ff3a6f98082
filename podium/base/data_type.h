#pragma once

#include <bit>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace podium {

/// Element types of tensors. Short names (`f32`) are StableHLO's, but for booleans and complex numbers.
enum class DataType : std::uint8_t {
    BOOL,
    INT2,
    INT4,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT2,
    UINT4,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    FLOAT4_E2M1FN,
    FLOAT8_E3M4,
    FLOAT8_E4M3,
    FLOAT8_E4M3FN,
    FLOAT8_E4M3FNUZ,
    FLOAT8_E4M3B11FNUZ,
    FLOAT8_E5M2,
    FLOAT8_E5M2FNUZ,
    FLOAT8_E8M0FNU,
    FLOAT16,
    BFLOAT16,
    FLOAT32,
    FLOAT64,
    COMPLEX64,
    COMPLEX128,
};
inline constexpr std::size_t DATA_TYPE_COUNT = 28;

/// Returns "bool", "i8", "u32", "f8E4M3FN", "bf16", "f32", "c64", …
std::string_view name(DataType type);
/// Returns the type with that name, or nothing.
std::optional<DataType> data_type_named(std::string_view name);
/// Returns the size of one element in host memory, in bytes; what is narrower than a byte takes one.
std::size_t size_bytes(DataType type);
/// Returns how many bits of an element carry its value: 4 of i4.
std::size_t size_bits(DataType type);

constexpr bool is_float(DataType type) { return type >= DataType::FLOAT4_E2M1FN && type <= DataType::FLOAT64; }
constexpr bool is_unsigned(DataType type) { return type >= DataType::UINT2 && type <= DataType::UINT64; }
constexpr bool is_signed_integer(DataType type) { return type >= DataType::INT2 && type <= DataType::INT64; }
constexpr bool is_integer(DataType type) { return is_unsigned(type) || is_signed_integer(type); }
constexpr bool is_complex(DataType type) { return type >= DataType::COMPLEX64; }
/// Real or complex: what derivatives are by.
constexpr bool is_inexact(DataType type) { return is_float(type) || is_complex(type); }

/// Returns the type of the real and imaginary parts of a complex type; other types are their own.
DataType part_type(DataType type);
/// Returns the complex type whose parts are f32 or f64.
std::optional<DataType> complex_type(DataType part);

/// bfloat16, stored as its 16 bits; conversion from float rounds to nearest even.
struct BFloat16 {
    std::uint16_t bits = 0;
    BFloat16() = default;
    explicit BFloat16(float value);
    /// Returns the value stored as `bits`; `BFloat16(n)` would convert the number n.
    static BFloat16 from_bits(std::uint16_t bits) {
        BFloat16 value;
        value.bits = bits;
        return value;
    }
    explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
};

/// IEEE binary16, stored as its 16 bits; conversion from float rounds to nearest even.
struct Float16 {
    std::uint16_t bits = 0;
    Float16() = default;
    explicit Float16(float value);
    /// Returns the value stored as `bits`; `Float16(n)` would convert the number n.
    static Float16 from_bits(std::uint16_t bits) {
        Float16 value;
        value.bits = bits;
        return value;
    }
    explicit operator float() const;
};

/// Returns `value` rounded once, to nearest even, to the 16-bit type.
BFloat16 bfloat16_from_double(double value);
Float16 float16_from_double(double value);

/// How a floating-point type of at most 8 bits uses them. Source: the OCP 8-bit and MX specifications; ml_dtypes.
struct FloatFormat {
    enum class Special {
        IEEE,    ///< infinities and NaNs take the greatest exponent
        FINITE,  ///< no infinity; NaN is all ones, and what overflows is NaN
        FNUZ,    ///< no infinity and no negative zero, whose bits are NaN
        NONE,    ///< neither: what overflows is the greatest number, and NaN is -0
        SCALE,   ///< a power of two without sign or zero; all ones is NaN
    };
    int exponent_bits, mantissa_bits, bias;
    Special special;
};
/// Returns the value of `bits`, and the bits of `value` rounded once to nearest even.
float small_float_value(std::uint8_t bits, const FloatFormat& format);
std::uint8_t small_float_bits(double value, const FloatFormat& format);

/// A floating-point number of at most 8 bits, stored in a byte.
template <FloatFormat FORMAT>
struct SmallFloat {
    std::uint8_t bits = 0;
    SmallFloat() = default;
    explicit SmallFloat(float value) : bits(small_float_bits(value, FORMAT)) {}
    static SmallFloat from_double(double value) {
        SmallFloat result;
        result.bits = small_float_bits(value, FORMAT);
        return result;
    }
    explicit operator float() const { return small_float_value(bits, FORMAT); }
};
using Float4E2M1FN = SmallFloat<FloatFormat{2, 1, 1, FloatFormat::Special::NONE}>;
using Float8E3M4 = SmallFloat<FloatFormat{3, 4, 3, FloatFormat::Special::IEEE}>;
using Float8E4M3 = SmallFloat<FloatFormat{4, 3, 7, FloatFormat::Special::IEEE}>;
using Float8E4M3FN = SmallFloat<FloatFormat{4, 3, 7, FloatFormat::Special::FINITE}>;
using Float8E4M3FNUZ = SmallFloat<FloatFormat{4, 3, 8, FloatFormat::Special::FNUZ}>;
using Float8E4M3B11FNUZ = SmallFloat<FloatFormat{4, 3, 11, FloatFormat::Special::FNUZ}>;
using Float8E5M2 = SmallFloat<FloatFormat{5, 2, 15, FloatFormat::Special::IEEE}>;
using Float8E5M2FNUZ = SmallFloat<FloatFormat{5, 2, 16, FloatFormat::Special::FNUZ}>;
using Float8E8M0FNU = SmallFloat<FloatFormat{8, 0, 127, FloatFormat::Special::SCALE}>;

/// An integer of fewer than 8 bits, stored in a byte; conversion keeps the low bits.
template <int BITS, bool SIGNED>
struct SmallInteger {
    using Byte = std::conditional_t<SIGNED, std::int8_t, std::uint8_t>;
    static constexpr std::int64_t LEAST = SIGNED ? -(1 << (BITS - 1)) : 0;
    static constexpr std::int64_t GREATEST = SIGNED ? (1 << (BITS - 1)) - 1 : (1 << BITS) - 1;
    Byte value = 0;
    SmallInteger() = default;
    explicit constexpr SmallInteger(std::int64_t number) {
        const auto low = static_cast<unsigned>(number) & ((1U << BITS) - 1);
        const bool negative = SIGNED && (low >> (BITS - 1)) != 0;
        value = static_cast<Byte>(negative ? static_cast<int>(low) - (1 << BITS) : static_cast<int>(low));
    }
    explicit constexpr operator std::int64_t() const { return value; }
};
using Int2 = SmallInteger<2, true>;
using Int4 = SmallInteger<4, true>;
using UInt2 = SmallInteger<2, false>;
using UInt4 = SmallInteger<4, false>;

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

/// The C++ element types, in the order of DataType.
using ElementTypes = std::tuple<bool, Int2, Int4, std::int8_t, std::int16_t, std::int32_t, std::int64_t, UInt2, UInt4,
                                std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, Float4E2M1FN, Float8E3M4,
                                Float8E4M3, Float8E4M3FN, Float8E4M3FNUZ, Float8E4M3B11FNUZ, Float8E5M2, Float8E5M2FNUZ,
                                Float8E8M0FNU, Float16, BFloat16, float, double, Complex64, Complex128>;

namespace detail {
template <class T, std::size_t I = 0>
constexpr std::size_t element_index() {
    static_assert(I < DATA_TYPE_COUNT, "this C++ type is no element type of tensors");
    if constexpr (std::is_same_v<T, std::tuple_element_t<I, ElementTypes>>)
        return I;
    else
        return element_index<T, I + 1>();
}
}  // namespace detail

/// The data type of a C++ element type.
template <class T>
inline constexpr DataType data_type_of = static_cast<DataType>(detail::element_index<T>());

/// Calls `visit.template operator()<T>()` with the C++ element type of `type`; returns its result.
template <class Visit>
decltype(auto) with_element_type(DataType type, Visit&& visit) {
    switch (type) {
        case DataType::BOOL: return visit.template operator()<bool>();
        case DataType::INT2: return visit.template operator()<Int2>();
        case DataType::INT4: return visit.template operator()<Int4>();
        case DataType::INT8: return visit.template operator()<std::int8_t>();
        case DataType::INT16: return visit.template operator()<std::int16_t>();
        case DataType::INT32: return visit.template operator()<std::int32_t>();
        case DataType::INT64: return visit.template operator()<std::int64_t>();
        case DataType::UINT2: return visit.template operator()<UInt2>();
        case DataType::UINT4: return visit.template operator()<UInt4>();
        case DataType::UINT8: return visit.template operator()<std::uint8_t>();
        case DataType::UINT16: return visit.template operator()<std::uint16_t>();
        case DataType::UINT32: return visit.template operator()<std::uint32_t>();
        case DataType::UINT64: return visit.template operator()<std::uint64_t>();
        case DataType::FLOAT4_E2M1FN: return visit.template operator()<Float4E2M1FN>();
        case DataType::FLOAT8_E3M4: return visit.template operator()<Float8E3M4>();
        case DataType::FLOAT8_E4M3: return visit.template operator()<Float8E4M3>();
        case DataType::FLOAT8_E4M3FN: return visit.template operator()<Float8E4M3FN>();
        case DataType::FLOAT8_E4M3FNUZ: return visit.template operator()<Float8E4M3FNUZ>();
        case DataType::FLOAT8_E4M3B11FNUZ: return visit.template operator()<Float8E4M3B11FNUZ>();
        case DataType::FLOAT8_E5M2: return visit.template operator()<Float8E5M2>();
        case DataType::FLOAT8_E5M2FNUZ: return visit.template operator()<Float8E5M2FNUZ>();
        case DataType::FLOAT8_E8M0FNU: return visit.template operator()<Float8E8M0FNU>();
        case DataType::FLOAT16: return visit.template operator()<Float16>();
        case DataType::BFLOAT16: return visit.template operator()<BFloat16>();
        case DataType::FLOAT32: return visit.template operator()<float>();
        case DataType::FLOAT64: return visit.template operator()<double>();
        case DataType::COMPLEX64: return visit.template operator()<Complex64>();
        case DataType::COMPLEX128: break;
    }
    return visit.template operator()<Complex128>();
}

}  // namespace podium
