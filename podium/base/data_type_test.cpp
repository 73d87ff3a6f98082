#include "podium/base/data_type.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <type_traits>

namespace podium {
namespace {

/// A 16-bit type's largest finite pattern, and its conversions under test.
struct Bf16 {
    static constexpr std::uint16_t LARGEST = 0x7F7F;
    static float value(std::uint16_t bits) { return static_cast<float>(BFloat16::from_bits(bits)); }
    static std::uint16_t from_float(float value) { return BFloat16(value).bits; }
    static std::uint16_t from_double(double value) { return bfloat16_from_double(value).bits; }
    /// Independent of the code under test: 8 exponent bits, 7 of mantissa, written out.
    static double reference(std::uint16_t bits) {
        const int exponent = (bits >> 7) & 0xFF, mantissa = bits & 0x7F;
        return exponent == 0 ? std::ldexp(mantissa, -133) : std::ldexp(128 + mantissa, exponent - 134);
    }
};
struct F16 {
    static constexpr std::uint16_t LARGEST = 0x7BFF;
    static float value(std::uint16_t bits) { return static_cast<float>(Float16::from_bits(bits)); }
    static std::uint16_t from_float(float value) { return Float16(value).bits; }
    static std::uint16_t from_double(double value) { return float16_from_double(value).bits; }
    static double reference(std::uint16_t bits) {
        const int exponent = (bits >> 10) & 0x1F, mantissa = bits & 0x3FF;
        return exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    }
};

template <class Type>
class SixteenBits : public testing::Test {};
using SixteenBitTypes = testing::Types<Bf16, F16>;
TYPED_TEST_SUITE(SixteenBits, SixteenBitTypes);

constexpr std::uint16_t SIGN = 0x8000;

TYPED_TEST(SixteenBits, EveryFinitePatternHasItsValueAndComesBack) {
    for (std::uint16_t bits = 0; bits <= TypeParam::LARGEST; ++bits) {
        const auto negative = static_cast<std::uint16_t>(bits | SIGN);
        ASSERT_EQ(TypeParam::value(bits), TypeParam::reference(bits)) << bits;
        ASSERT_EQ(TypeParam::value(negative), -TypeParam::reference(bits)) << bits;
        ASSERT_EQ(TypeParam::from_float(TypeParam::value(bits)), bits);
        ASSERT_EQ(TypeParam::from_float(TypeParam::value(negative)), negative);
        ASSERT_EQ(TypeParam::from_double(TypeParam::value(negative)), negative);
    }
}

/// Walks every gap between neighbours, the one to infinity too: ties go to the even pattern, all else to the nearer.
TYPED_TEST(SixteenBits, EveryGapRoundsToTheNearerNeighbourAndTiesToEven) {
    for (std::uint16_t low = 0; low <= TypeParam::LARGEST; ++low) {
        const auto high = static_cast<std::uint16_t>(low + 1);
        const double middle = (TypeParam::reference(low) + TypeParam::reference(high)) / 2;
        const auto even = (low & 1) == 0 ? low : high;
        for (const std::uint16_t sign : {std::uint16_t{0}, SIGN}) {
            const double signed_middle = sign != 0 ? -middle : middle;
            ASSERT_EQ(TypeParam::from_double(signed_middle), even | sign) << middle;
            ASSERT_EQ(TypeParam::from_double(std::nextafter(signed_middle, 0.0)), low | sign) << middle;
            ASSERT_EQ(TypeParam::from_double(std::nextafter(signed_middle, 3 * signed_middle)), high | sign) << middle;
            const auto as_float = static_cast<float>(signed_middle);
            ASSERT_EQ(static_cast<double>(as_float), signed_middle) << "the middle of a gap is exact in f32";
            ASSERT_EQ(TypeParam::from_float(as_float), even | sign) << middle;
            ASSERT_EQ(TypeParam::from_float(std::nextafter(as_float, 0.0F)), low | sign) << middle;
            ASSERT_EQ(TypeParam::from_float(std::nextafter(as_float, 3 * as_float)), high | sign) << middle;
        }
    }
}

TYPED_TEST(SixteenBits, InfinityIsKeptAndLargeValuesOverflowToIt) {
    const auto infinity = static_cast<std::uint16_t>(TypeParam::LARGEST + 1);
    for (const double value :
         {1e300, static_cast<double>(std::numeric_limits<float>::max()), std::numeric_limits<double>::infinity()}) {
        EXPECT_EQ(TypeParam::from_double(value), infinity);
        EXPECT_EQ(TypeParam::from_double(-value), infinity | SIGN);
    }
    EXPECT_EQ(TypeParam::from_float(std::numeric_limits<float>::infinity()), infinity);
    EXPECT_EQ(TypeParam::value(infinity), std::numeric_limits<float>::infinity());
    EXPECT_EQ(TypeParam::value(infinity | SIGN), -std::numeric_limits<float>::infinity());
}

TYPED_TEST(SixteenBits, EveryNaNStaysNaN) {
    for (std::uint32_t bits = TypeParam::LARGEST + 2U; bits < SIGN; ++bits) {
        const float nan = TypeParam::value(static_cast<std::uint16_t>(bits));
        ASSERT_TRUE(std::isnan(nan)) << bits;
        ASSERT_TRUE(std::isnan(TypeParam::value(TypeParam::from_float(nan)))) << bits;
    }
    const auto shortest_payload = std::bit_cast<float>(0x7F800001U);  // cut to 16 bits this would be infinity
    EXPECT_TRUE(std::isnan(TypeParam::value(TypeParam::from_float(shortest_payload))));
    EXPECT_TRUE(std::isnan(TypeParam::value(TypeParam::from_double(std::nan("")))));
}

TYPED_TEST(SixteenBits, ZerosKeepTheirSignAndTinyValuesBecomeZero) {
    EXPECT_EQ(TypeParam::from_double(-0.0), SIGN);
    EXPECT_EQ(TypeParam::from_double(std::numeric_limits<double>::denorm_min()), 0);
    EXPECT_EQ(TypeParam::from_double(-std::numeric_limits<double>::denorm_min()), SIGN);
}

TEST(DataType, NumbersThatRoundBeyondDoublesOverflowInNarrowTypes) {
    for (const double sign : {1.0, -1.0}) {
        const double greatest = sign * std::numeric_limits<double>::max();
        EXPECT_TRUE(std::isnan(static_cast<float>(Float8E4M3FN::from_double(greatest))));
        EXPECT_EQ(static_cast<float>(Float8E5M2::from_double(greatest)), sign * INFINITY);
        EXPECT_EQ(static_cast<float>(Float4E2M1FN::from_double(greatest)), sign * 6.0F);
    }
}

TEST(DataType, NamesGoBothWays) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        EXPECT_EQ(data_type_named(name(type)), type);
    }
    EXPECT_EQ(name(DataType::BFLOAT16), "bf16");
    EXPECT_EQ(data_type_named("float32"), std::nullopt);
    EXPECT_EQ(data_type_named(""), std::nullopt);
}

TEST(DataType, EachTypeIsVisitedAsTheElementTypeOfItsSize) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        with_element_type(type, [&]<class T>() {
            EXPECT_EQ(data_type_of<T>, type);
            EXPECT_EQ(sizeof(T), size_bytes(type));
        });
    }
}

TEST(DataType, EachTypeIsOfExactlyOneKind) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        const int kinds = (type == DataType::BOOL ? 1 : 0) + (is_float(type) ? 1 : 0) + (is_complex(type) ? 1 : 0) +
                          (is_unsigned(type) ? 1 : 0) + (is_signed_integer(type) ? 1 : 0);
        EXPECT_EQ(kinds, 1) << name(type);
        with_element_type(type, [&]<class T>() {
            if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
                EXPECT_TRUE(is_integer(type));
                EXPECT_EQ(is_unsigned(type), std::is_unsigned_v<T>);
            }
        });
    }
}

}  // namespace
}  // namespace podium
