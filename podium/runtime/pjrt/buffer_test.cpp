#include "podium/runtime/pjrt/buffer.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::ElementsAre;

HostArray counting(Dims dims) {
    HostArray array(Shape(DataType::FLOAT32, std::move(dims)));
    auto values = array.mutable_span<float>();
    std::iota(values.begin(), values.end(), 0.0F);
    return array;
}

PlacementPtr split(std::vector<std::string> axes) {
    static const Mesh mesh({{"data", 4}, {"model", 2}}, devices("cpu"));
    return std::make_shared<const Placement>(mesh, std::move(axes));
}

TEST(PjrtBuffer, EveryTypeComesBackAsItWent) {
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) {
        HostArray array(Shape(static_cast<DataType>(i), {2, 3}));
        for (std::size_t byte = 0; byte < array.size_bytes(); ++byte) array.mutable_data()[byte] = std::byte(byte % 2);
        EXPECT_EQ(test_backend().upload(array, on_device(0))->to_host(), array) << to_string(array.shape());
    }
}

TEST(PjrtBuffer, EmptyAndScalarArraysComeBack) {
    const HostArray empty(Shape(DataType::FLOAT32, {0, 3}));
    EXPECT_EQ(test_backend().upload(empty, on_device(0))->to_host(), empty);
    EXPECT_EQ(test_backend().upload(HostArray::scalar(7.0), on_device(0))->to_host(), HostArray::scalar(7.0));
}

TEST(PjrtBuffer, EverySplitComesBackWhole) {
    const auto array = counting({8, 4, 6});
    for (const auto& axes : std::vector<std::vector<std::string>>{{},
                                                                  {"data"},
                                                                  {"", "model"},
                                                                  {"data", "model"},
                                                                  {"model", "data"},
                                                                  {"", "", "model"},
                                                                  {"data", "", "model"}})
        EXPECT_EQ(test_backend().upload(array, split(axes))->to_host(), array) << testing::PrintToString(axes);
}

TEST(PjrtBuffer, EachDeviceHoldsItsShardOnly) {
    const auto before = test_backend().memory_stats(7).in_use_bytes;
    const auto buffer = test_backend().upload(counting({8, 4}), split({"data", "model"}));
    EXPECT_EQ(test_backend().memory_stats(7).in_use_bytes, before + 16);
}

TEST(PjrtBuffer, NamesTheAxisThatDoesNotDivide) {
    expect_error(Code::SHAPE_MISMATCH, "\"data\" splits dimension 0", [] {
        test_backend().upload(counting({6, 4}), split({"data"}));
    });
}

TEST(PjrtBuffer, KeepsTheOwnerUntilTheCopyIsDone) {
    constexpr std::size_t COUNT = 1 << 20;
    std::weak_ptr<const void> watched;
    BufferPtr buffer;
    {
        auto values = std::make_shared<std::vector<float>>(COUNT, 3.0F);
        watched = values;
        const auto* bytes = reinterpret_cast<const std::byte*>(values->data());
        buffer = test_backend().upload(HostArray(Shape(DataType::FLOAT32, {COUNT}), bytes, std::move(values)),
                                       split({"data"}));
    }
    const auto host = buffer->to_host();
    EXPECT_EQ(std::accumulate(host.span<float>().begin(), host.span<float>().end(), 0.0), 3.0 * COUNT);
    for (int i = 0; i < 1000 && !watched.expired(); ++i) usleep(1000);
    EXPECT_TRUE(watched.expired());
}

TEST(PjrtBuffer, ReadsRowMajorWhateverTheDevicesLayout) {
    const auto text = module_of("(tensor<2x3xf32>) -> tensor<2x3xf32>",
                                "^entry(%a: tensor<2x3xf32>):\n"
                                "%b = \"stablehlo.negate\"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>\n"
                                "\"func.return\"(%b) : (tensor<2x3xf32>) -> ()",
                                "res_attrs = [{mhlo.layout_mode = \"{0,1}\"}]");
    const auto program = test_backend().compile_text({.text = text, .mesh = Mesh(Device())});
    const auto a = test_backend().upload(counting({2, 3}), on_device(0));
    const auto result = program->execute(std::array{a.get()}, {})[0];

    const auto& buffer = static_cast<const PjrtBuffer&>(*result);
    const auto& api = test_backend().plugin().api();
    std::array<float, 6> raw{};
    const auto read = api.call<&PJRT_Api::PJRT_Buffer_ToHostBuffer>(
        {.src = buffer.shard(0), .dst = raw.data(), .dst_size = sizeof raw});
    api.await(read.event, "raw read");
    EXPECT_THAT(raw, ElementsAre(0, -3, -1, -4, -2, -5)) << "the device's layout is column-major";
    EXPECT_EQ(result->to_host(), HostArray::of<float>({2, 3}, std::array{-0.0F, -1.0F, -2.0F, -3.0F, -4.0F, -5.0F}));
}

TEST(PjrtBuffer, WhatIsNarrowerThanAByteComesBackOfAnyShape) {
    for (const Dims& dims : {Dims{}, Dims{0}, Dims{3}, Dims{4, 5}, Dims{2, 3, 4}, Dims{5, 1, 4}})
        for (const DataType type : {DataType::INT2, DataType::UINT4, DataType::FLOAT4_E2M1FN}) {
            HostArray array(Shape(type, dims));
            for (std::size_t byte = 0; byte < array.size_bytes(); ++byte)
                array.mutable_data()[byte] = std::byte(byte % 2);
            const auto buffer = test_backend().upload(array, on_device(0));
            if (!dims.empty()) EXPECT_EQ(buffer->to_host(), array) << to_string(array.shape());
        }
}

TEST(PjrtBuffer, TheHostSeesTheBytesWhereTheyLieAndKeepsThem) {
    auto buffer = test_backend().upload(counting({2, 3}), on_device(0));
    const auto view = buffer->view();
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->data(), buffer->view()->data()) << "a copy would lie elsewhere";
    const auto live = test_backend().live_buffers();
    buffer.reset();
    EXPECT_EQ(test_backend().live_buffers(), live);
    EXPECT_EQ(*view, counting({2, 3}));
}

TEST(PjrtBuffer, ABufferOfTheHostsOwnBytesKeepsTheirOwner) {
    constexpr std::size_t ALIGNMENT = 64;
    auto* const bytes = static_cast<float*>(std::aligned_alloc(ALIGNMENT, ALIGNMENT));
    std::iota(bytes, bytes + 6, 0.0F);
    std::shared_ptr<const void> owner(bytes, [](const void* held) { std::free(const_cast<void*>(held)); });
    const std::weak_ptr<const void> watched = owner;
    auto buffer = test_backend().adopt(
        HostArray(Shape(DataType::FLOAT32, {2, 3}), reinterpret_cast<const std::byte*>(bytes), std::move(owner)),
        on_device(0));
    ASSERT_NE(buffer, nullptr);
    EXPECT_EQ(buffer->view()->data(), reinterpret_cast<const std::byte*>(bytes));
    EXPECT_EQ(buffer->to_host(), counting({2, 3}));
    EXPECT_FALSE(watched.expired());
    buffer.reset();
    for (int i = 0; i < 1000 && !watched.expired(); ++i)  // the plugin may let go of them in a thread of its own
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(watched.expired());
}

TEST(PjrtBuffer, WhatIsNotAlignedOrSplitIsNotAdopted) {
    const auto array = counting({8, 4});
    const HostArray shifted(Shape(DataType::FLOAT32, {3}), array.data() + sizeof(float), array.owner());
    EXPECT_EQ(test_backend().adopt(shifted, on_device(0)), nullptr);
    EXPECT_EQ(test_backend().adopt(array, split({"data"})), nullptr);
    EXPECT_FALSE(test_backend().upload(array, split({"data"}))->view().has_value());
}

}  // namespace
}  // namespace podium
