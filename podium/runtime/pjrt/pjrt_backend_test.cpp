#include "podium/runtime/pjrt/pjrt_backend.h"

#include <gmock/gmock.h>

#include "podium/ir/ops.h"
#include "podium/ir/trace.h"
#include "podium/runtime/pjrt/testing.h"

namespace podium {
namespace {

using testing::HasSubstr;

TEST(PjrtBackend, ListsTheDevicesItWasAskedFor) {
    const auto devices = test_backend().devices();
    ASSERT_EQ(devices.size(), 8U);
    EXPECT_EQ(devices[3].device, Device(DeviceType::CPU, 3));
    EXPECT_FALSE(devices[3].kind.empty());
    EXPECT_FALSE(devices[3].description.empty());
}

TEST(PjrtBackend, SaysWhichPluginAndVersionItRuns) {
    EXPECT_EQ(test_backend().name(), "pjrt");
    EXPECT_THAT(test_backend().fingerprint(), HasSubstr("stablehlo_current_version="));
    EXPECT_EQ(test_backend().fingerprint(), test_backend().fingerprint());
}

TEST(PjrtBackend, CountsBytesInUsePeakAndLimit) {
    auto& backend = test_backend();
    const auto before = backend.memory_stats(5);
    {
        const auto a = backend.upload(HostArray(Shape(DataType::FLOAT32, {1024})), on_device(5));
        EXPECT_EQ(backend.memory_stats(5).in_use_bytes, before.in_use_bytes + 4096);
    }
    const auto after = backend.memory_stats(5);
    EXPECT_EQ(after.in_use_bytes, before.in_use_bytes);
    EXPECT_GE(after.peak_bytes, before.in_use_bytes + 4096);
    EXPECT_GT(after.limit_bytes, std::int64_t{1} << 28);
}

TEST(PjrtBackend, NamesTheDeviceThatIsNotThere) {
    expect_error(Code::NOT_FOUND, "has 8 devices",
                 [] { test_backend().upload(HostArray::scalar(1.0F), on_device(8)); });
    expect_error(Code::NOT_FOUND, "cpu:9", [] { test_backend().memory_stats(9); });
}

TEST(PjrtBackend, CompilesAGraphAndReusesWhatItSays) {
    const TraceScope trace;
    Graph graph;
    graph.name = "step";
    graph.parameters = {trace.parameter(Shape(DataType::FLOAT32, {2})), trace.parameter(Shape(DataType::FLOAT32, {2}))};
    graph.results = {graph.parameters[0] - graph.parameters[1]};
    graph.reuse = {0};
    auto& backend = test_backend();
    const auto program = backend.compile(graph, Mesh(Device()), {});
    const auto a = backend.upload(HostArray::of<float>({2}, std::array{5.0F, 7.0F}), on_device(0));
    const auto b = backend.upload(HostArray::of<float>({2}, std::array{1.0F, 2.0F}), on_device(0));
    const auto results = program->execute(std::array{a.get(), b.get()}, {});
    EXPECT_EQ(results[0]->to_host(), HostArray::of<float>({2}, std::array{4.0F, 5.0F}));
    expect_error(Code::DONATED, "donated", [&] { a->to_host(); });
}

TEST(PjrtBackend, CompilesAGraphForAMesh) {
    const Mesh mesh({{"data", 8}}, devices("cpu"));
    const TraceScope trace;
    Graph graph;
    graph.parameters = {trace.parameter(Shape(DataType::FLOAT32, {16}, {"data"}))};
    graph.results = {graph.parameters[0] + graph.parameters[0]};
    graph.result_axes = {{"data"}};
    auto& backend = test_backend();
    const auto program = backend.compile(graph, mesh, {});
    const auto rows = std::make_shared<const Placement>(mesh, std::vector<std::string>{"data"});
    const auto a = backend.upload(HostArray::of<float>({16}, std::vector<float>(16, 3.0F)), rows);
    const auto result = program->execute(std::array{a.get()}, {})[0];
    EXPECT_EQ(*result->placement(), *rows);
    EXPECT_EQ(result->to_host(), HostArray::of<float>({16}, std::vector<float>(16, 6.0F)));
}

TEST(PjrtBackend, ASerializedProgramIsTheSameProgramOnAllItsDevices) {
    const Mesh mesh({{"data", 8}}, devices("cpu"));
    const TraceScope trace;
    Graph graph;
    graph.parameters = {trace.parameter(Shape(DataType::FLOAT32, {16}, {"data"}))};
    graph.results = {tanh(graph.parameters[0]), sum(graph.parameters[0])};
    graph.result_axes = {{"data"}, {}};
    graph.reuse = {0, -1};
    auto& backend = test_backend();
    const auto compiled = backend.compile(graph, mesh, {});
    const auto loaded = backend.load(graph, mesh, compiled->serialized());
    const auto rows = std::make_shared<const Placement>(mesh, std::vector<std::string>{"data"});
    const auto results = [&](Executable& program) {
        const auto x = backend.upload(HostArray::of<float>({16}, std::vector<float>(16, 0.3F)), rows);
        const auto found = program.execute(std::array{x.get()}, {});
        expect_error(Code::DONATED, "donated", [&] { x->to_host(); });
        return std::pair(found[0]->to_host(), found[1]->to_host());
    };
    EXPECT_EQ(results(*loaded), results(*compiled));
    EXPECT_EQ(loaded->memory().alias_bytes, compiled->memory().alias_bytes);
    expect_error(Code::INTERNAL, "Deserialize", [&] { backend.load(graph, mesh, "no program"); });
}

TEST(PjrtBackend, LeavesNoBufferBehind) {
    auto& backend = test_backend();
    const auto before = backend.live_buffers();
    {
        const auto program = backend.compile_text({.text = add_module("tensor<2xf32>"), .mesh = Mesh(Device())});
        const auto a = backend.upload(HostArray::of<float>({2}, std::vector<float>{1, 2}), on_device(0));
        EXPECT_EQ(backend.live_buffers(), before + 1);
        const auto results = program->execute(std::array{a.get(), a.get()}, {});
        EXPECT_EQ(backend.live_buffers(), before + 2);
    }
    EXPECT_EQ(backend.live_buffers(), before);
}

}  // namespace
}  // namespace podium
