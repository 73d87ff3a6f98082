#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace podium {

/// Element types of tensors. Short names (`f32`) are StableHLO's, but for booleans.
enum class DataType : std::uint8_t {
    BOOL,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    FLOAT16,
    BFLOAT16,
    FLOAT32,
    FLOAT64,
};
inline constexpr std::size_t DATA_TYPE_COUNT = 13;

/// Returns "bool", "i8", "u32", "bf16", "f32", …
std::string_view name(DataType type);
/// Returns the type with that name, or nothing.
std::optional<DataType> data_type_named(std::string_view name);
/// Returns the size of one element in bytes.
std::size_t size_bytes(DataType type);

constexpr bool is_float(DataType type) { return type >= DataType::FLOAT16; }
constexpr bool is_unsigned(DataType type) { return type >= DataType::UINT8 && type <= DataType::UINT64; }
constexpr bool is_signed_integer(DataType type) { return type >= DataType::INT8 && type <= DataType::INT64; }
constexpr bool is_integer(DataType type) { return is_unsigned(type) || is_signed_integer(type); }

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

/// The data type of a C++ element type.
template <class T>
struct DataTypeOf;
template <>
struct DataTypeOf<bool> {
    static constexpr DataType value = DataType::BOOL;
};
template <>
struct DataTypeOf<std::int8_t> {
    static constexpr DataType value = DataType::INT8;
};
template <>
struct DataTypeOf<std::int16_t> {
    static constexpr DataType value = DataType::INT16;
};
template <>
struct DataTypeOf<std::int32_t> {
    static constexpr DataType value = DataType::INT32;
};
template <>
struct DataTypeOf<std::int64_t> {
    static constexpr DataType value = DataType::INT64;
};
template <>
struct DataTypeOf<std::uint8_t> {
    static constexpr DataType value = DataType::UINT8;
};
template <>
struct DataTypeOf<std::uint16_t> {
    static constexpr DataType value = DataType::UINT16;
};
template <>
struct DataTypeOf<std::uint32_t> {
    static constexpr DataType value = DataType::UINT32;
};
template <>
struct DataTypeOf<std::uint64_t> {
    static constexpr DataType value = DataType::UINT64;
};
template <>
struct DataTypeOf<Float16> {
    static constexpr DataType value = DataType::FLOAT16;
};
template <>
struct DataTypeOf<BFloat16> {
    static constexpr DataType value = DataType::BFLOAT16;
};
template <>
struct DataTypeOf<float> {
    static constexpr DataType value = DataType::FLOAT32;
};
template <>
struct DataTypeOf<double> {
    static constexpr DataType value = DataType::FLOAT64;
};

template <class T>
inline constexpr DataType data_type_of = DataTypeOf<T>::value;

/// Calls `visit.template operator()<T>()` with the C++ element type of `type`; returns its result.
template <class Visit>
decltype(auto) with_element_type(DataType type, Visit&& visit) {
    switch (type) {
        case DataType::BOOL: return visit.template operator()<bool>();
        case DataType::INT8: return visit.template operator()<std::int8_t>();
        case DataType::INT16: return visit.template operator()<std::int16_t>();
        case DataType::INT32: return visit.template operator()<std::int32_t>();
        case DataType::INT64: return visit.template operator()<std::int64_t>();
        case DataType::UINT8: return visit.template operator()<std::uint8_t>();
        case DataType::UINT16: return visit.template operator()<std::uint16_t>();
        case DataType::UINT32: return visit.template operator()<std::uint32_t>();
        case DataType::UINT64: return visit.template operator()<std::uint64_t>();
        case DataType::FLOAT16: return visit.template operator()<Float16>();
        case DataType::BFLOAT16: return visit.template operator()<BFloat16>();
        case DataType::FLOAT32: return visit.template operator()<float>();
        case DataType::FLOAT64: break;
    }
    return visit.template operator()<double>();
}

}  // namespace podium
