#include "podium/arrays/dlpack.h"

#include <dlpack/dlpack.h>
#include <gmock/gmock.h>

#include "podium/base/expect_error.h"

namespace podium {
namespace {

using testing::ElementsAre;

/// A tensor as another library gives it away: 2 rows of 3 numbers, counting how often it is deleted.
class Foreign {
public:
    Foreign() {
        managed_.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
        managed_.manager_ctx = this;
        managed_.deleter = [](DLManagedTensorVersioned* done) { ++static_cast<Foreign*>(done->manager_ctx)->deleted; };
        managed_.dl_tensor = {.data = values.data(),
                              .device = {kDLCPU, 0},
                              .ndim = 2,
                              .dtype = {kDLFloat, 32, 1},
                              .shape = sizes.data(),
                              .strides = nullptr,
                              .byte_offset = 0};
    }
    DLManagedTensorVersioned* get() { return &managed_; }
    DLTensor& tensor() { return managed_.dl_tensor; }

    std::vector<float> values{0, 1, 2, 3, 4, 5};
    Dims sizes{2, 3};
    int deleted = 0;

private:
    DLManagedTensorVersioned managed_{};
};

TEST(Dlpack, AnotherLibrarysBytesAreOursWithoutACopyAndAreDeletedOnce) {
    Foreign foreign;
    {
        const HostArray array = from_dlpack(foreign.get());
        EXPECT_EQ(array.data(), reinterpret_cast<const std::byte*>(foreign.values.data()));
        EXPECT_EQ(array.shape(), Shape(DataType::FLOAT32, {2, 3}));
        HostArray other = array;
        other = HostArray();
        EXPECT_EQ(foreign.deleted, 0);
    }
    EXPECT_EQ(foreign.deleted, 1);
}

TEST(Dlpack, WhatLiesStridedIsCopiedAndGivenBackAtOnce) {
    Foreign foreign;
    Dims strides{1, 2};  // columns first
    foreign.tensor().strides = strides.data();
    const HostArray array = from_dlpack(foreign.get());
    EXPECT_EQ(foreign.deleted, 1);
    EXPECT_THAT(array.span<float>(), ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST(Dlpack, TheByteOffsetCounts) {
    Foreign foreign;
    foreign.sizes = {1, 3};
    foreign.tensor().byte_offset = 3 * sizeof(float);
    EXPECT_THAT(from_dlpack(foreign.get()).span<float>(), ElementsAre(3, 4, 5));
}

TEST(Dlpack, WhatCannotBeTakenIsNamedAndDeleted) {
    const auto expect_refused = [](Code code, std::string_view message, auto&& change) {
        Foreign foreign;
        change(foreign);
        expect_error(code, std::string(message), [&] { from_dlpack(foreign.get()); });
        EXPECT_EQ(foreign.deleted, 1) << message;
    };
    expect_refused(Code::UNIMPLEMENTED, "the tensor is on device type 2", [](Foreign& f) {
        f.tensor().device = {kDLCUDA, 0};
    });
    expect_refused(Code::DTYPE_MISMATCH, "type code 2 with 32 bits and 4 lanes",
                   [](Foreign& f) { f.tensor().dtype.lanes = 4; });
    expect_refused(Code::DTYPE_MISMATCH, "type code 3 with 64 bits", [](Foreign& f) {
        f.tensor().dtype = {kDLOpaqueHandle, 64, 1};
    });
    expect_refused(Code::INVALID_DATA, "-1 dimensions", [](Foreign& f) { f.tensor().ndim = -1; });
    expect_refused(Code::INVALID_DATA, "2 dimensions without sizes", [](Foreign& f) { f.tensor().shape = nullptr; });
    expect_refused(Code::INVALID_DATA, "sizes [2, -3] have one below 0", [](Foreign& f) { f.sizes = {2, -3}; });
    expect_refused(Code::INVALID_DATA, "f32[2,3] has no bytes", [](Foreign& f) { f.tensor().data = nullptr; });
    expect_refused(Code::RESOURCE_EXHAUSTED, "", [](Foreign& f) {
        f.sizes = {std::int64_t{1} << 40, std::int64_t{1} << 40};
    });
    expect_refused(Code::UNIMPLEMENTED, "version 2.0 came", [](Foreign& f) { f.get()->version = {2, 0}; });
}

TEST(Dlpack, EveryTypeThatBothHaveComesBackWithoutACopy) {
    int types = 0;
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        const auto type = static_cast<DataType>(i);
        HostArray array(Shape(type, {2, 2}));
        array.mutable_data()[1] = std::byte{1};
        if (size_bits(type) < 8 && type != DataType::BOOL) {
            expect_error(Code::DTYPE_MISMATCH, "has no DLPack type", [&] { to_dlpack(array, true); });
            continue;
        }
        ++types;
        const HostArray back = from_dlpack(to_dlpack(array, true));
        EXPECT_EQ(back.data(), array.data()) << to_string(array.shape());
        EXPECT_EQ(back, array);
        DLManagedTensor* old = to_old_dlpack(array);
        EXPECT_EQ(from_dlpack(*old, nullptr), array);
        discard(old);
    }
    EXPECT_EQ(types, 23);
}

TEST(Dlpack, AnArrayGivenAwayLivesUntilItsDeleterIsCalled) {
    auto owner = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = owner;
    const std::vector<float> values{1, 2};
    auto* tensor = to_dlpack(HostArray(Shape(DataType::FLOAT32, {2}), reinterpret_cast<const std::byte*>(values.data()),
                                       std::exchange(owner, nullptr)),
                             true);
    EXPECT_EQ(tensor->flags, DLPACK_FLAG_BITMASK_READ_ONLY);
    EXPECT_FALSE(watched.expired());
    discard(tensor);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace podium
