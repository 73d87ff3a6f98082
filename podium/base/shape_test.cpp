#include "podium/base/shape.h"

#include <gtest/gtest.h>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

TEST(Shape, PrintsAsTypeAndDimensions) {
    EXPECT_EQ(to_string(Shape(DataType::FLOAT32, {2, 3})), "f32[2,3]");
    EXPECT_EQ(to_string(Shape(DataType::BOOL, {})), "bool[]");
}

TEST(Shape, CountsElementsAndBytes) {
    EXPECT_EQ(Shape(DataType::BFLOAT16, {4, 5}).count(), 20);
    EXPECT_EQ(Shape(DataType::BFLOAT16, {4, 5}).size_bytes(), 40U);
    EXPECT_EQ(Shape(DataType::FLOAT64, {}).count(), 1);
    EXPECT_EQ(Shape(DataType::FLOAT64, {3, 0}).size_bytes(), 0U);
}

TEST(Shape, MoreElementsThanCanBeCountedAreRefused) {
    expect_error(Code::RESOURCE_EXHAUSTED, "f32[10000000000,10000000000] has more elements than can be counted", [] {
        Shape(DataType::FLOAT32, {10'000'000'000, 10'000'000'000}).count();
    });
    EXPECT_EQ(Shape(DataType::FLOAT32, {10'000'000'000, 0, 10'000'000'000}).count(), 0);
}

TEST(Shape, ComplementKeepsTheOrder) {
    EXPECT_EQ(complement({2, 0}, 4), (Dims{1, 3}));
    EXPECT_EQ(complement({}, 2), (Dims{0, 1}));
    EXPECT_EQ(list(complement({1}, 3)), "[0, 2]");
}

TEST(Shape, EqualityLooksAtTypeAndDimensionsAndNotAtTheSplit) {
    const Shape whole(DataType::FLOAT32, {8, 4});
    EXPECT_EQ(whole, Shape(DataType::FLOAT32, {8, 4}, {"data", ""}));
    EXPECT_FALSE(whole == Shape(DataType::FLOAT32, {4, 8}));
    EXPECT_FALSE(whole == Shape(DataType::INT32, {8, 4}));
}

TEST(Shape, RowMajorStridesReachEveryElementInOrder) {
    EXPECT_EQ(row_major_strides(Dims{2, 3, 4}), (Dims{12, 4, 1}));
    EXPECT_EQ(row_major_strides(Dims{}), Dims{});
    const Dims dims{3, 2, 5}, strides = row_major_strides(dims);
    std::int64_t expected = 0;
    for (std::int64_t i = 0; i < dims[0]; ++i)
        for (std::int64_t j = 0; j < dims[1]; ++j)
            for (std::int64_t k = 0; k < dims[2]; ++k)
                EXPECT_EQ(i * strides[0] + j * strides[1] + k * strides[2], expected++);
}

TEST(Shape, JoinTakesAnySeparator) { EXPECT_EQ(join(Dims{1, 2, 3}, "x"), "1x2x3"); }

}  // namespace
}  // namespace podium
