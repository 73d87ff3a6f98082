#include "podium/runtime/host_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

TEST(HostArray, StartsAsZerosWithRoomForEveryType) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const HostArray array(Shape(static_cast<DataType>(i), {2, 3}));
        EXPECT_EQ(array.size_bytes(), 6 * size_bytes(array.type()));
        const double none = array.type() == DataType::FLOAT8_E8M0FNU ? std::ldexp(1.0, -127) : 0.0;  // it has no zero
        for (std::int64_t j = 0; j < array.count(); ++j) EXPECT_EQ(array.as_complex(j), none);
    }
}

TEST(HostArray, HoldsACopyOfItsValues) {
    std::vector<std::int32_t> values{1, -2, 3, 4};
    const auto array = HostArray::of({2, 2}, values);
    values[1] = 0;
    EXPECT_EQ(to_string(array.shape()), "i32[2,2]");
    EXPECT_EQ(array.as_double(1), -2.0);
    EXPECT_EQ(array.span<std::int32_t>()[3], 4);
}

TEST(HostArray, ReadsEveryElementTypeAsDouble) {
    EXPECT_EQ(HostArray::scalar(BFloat16(1.5F)).as_double(0), 1.5);
    EXPECT_EQ(HostArray::scalar(Float16(-0.25F)).as_double(0), -0.25);
    EXPECT_EQ(HostArray::scalar(true).as_double(0), 1.0);
    EXPECT_EQ(HostArray::scalar(std::uint8_t{255}).as_double(0), 255.0);
    EXPECT_EQ(HostArray::scalar(std::int64_t{-7}).as_double(0), -7.0);
}

TEST(HostArray, AnotherElementTypeIsRefused) {
    const auto array = HostArray::of<float>({2}, std::vector<float>{1, 2});
    expect_error(Code::DTYPE_MISMATCH, "asked for elements of i32, the array is f32[2]",
                 [&] { static_cast<void>(array.span<std::int32_t>()); });
}

TEST(HostArray, TheNumberOfValuesMustFitTheShape) {
    expect_error(Code::SHAPE_MISMATCH, "f32[2,2] needs 4 values, got 3", [] {
        HostArray::of<float>({2, 2}, std::vector<float>(3));
    });
}

TEST(HostArray, ReshapedSharesTheBytes) {
    const auto array = HostArray::of<float>({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
    const auto view = array.reshaped({3, 2});
    EXPECT_EQ(view.data(), array.data());
    EXPECT_EQ(to_string(view.shape()), "f32[3,2]");
    expect_error(Code::SHAPE_MISMATCH, "f32[2,3] has 6 elements, f32[4] has 4",
                 [&] { static_cast<void>(array.reshaped({4})); });
}

TEST(HostArray, EqualityComparesShapeAndBytes) {
    const auto array = HostArray::of<float>({2}, std::vector<float>{1, 2});
    EXPECT_TRUE(array == HostArray::of<float>({2}, std::vector<float>{1, 2}));
    EXPECT_FALSE(array == HostArray::of<float>({2}, std::vector<float>{1, 3}));
    EXPECT_FALSE(array == array.reshaped({2, 1}));
}

TEST(HostArray, ADefaultArrayHasNoElements) {
    const HostArray empty;
    EXPECT_EQ(empty.count(), 0);
    EXPECT_TRUE(empty.span<float>().empty());
    EXPECT_TRUE(empty == HostArray());
    EXPECT_FALSE(empty == HostArray::scalar(0.0F));
}

TEST(HostArray, AViewKeepsItsOwnerAlive) {
    auto bytes = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
    const std::weak_ptr<std::vector<float>> watch = bytes;
    {
        const HostArray view(Shape(DataType::FLOAT32, {3}), reinterpret_cast<const std::byte*>(bytes->data()), bytes);
        bytes.reset();
        const std::vector<HostArray> copies(2, view);
        EXPECT_EQ(copies[1].as_double(2), 3.0);
    }
    EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace podium
