#include "podium/runtime/interp/interp.h"

#include <gmock/gmock.h>

#include "podium/base/expect_error.h"
#include "podium/ir/ops.h"
#include "podium/runtime/interp/interp_backend.h"

namespace podium {
namespace {

using testing::ElementsAre;

/// Returns the graph of `f` on parameters of those shapes.
Graph trace(const TensorFunction& f, const std::vector<Shape>& shapes) {
    const TraceScope scope;
    Tensors parameters;
    for (const auto& shape : shapes) parameters.push_back(scope.parameter(shape));
    return *close(parameters, f(parameters), scope.level()).graph;
}

HostArray vector_of(const std::vector<float>& values) {
    return HostArray::of<float>({static_cast<std::int64_t>(values.size())}, values);
}
const Shape F32_3(DataType::FLOAT32, {3});
const PlacementPtr ONE_DEVICE = std::make_shared<const Placement>(Mesh(Device(DeviceType::INTERP)));

TEST(Interp, RunsElementwiseStructuralAndCompositeNodes) {
    const Graph graph = trace(
        [](const Tensors& in) {
            return remat_list(
                [](const Tensors& t) -> Tensors {
                    return {sum(t[0] * t[1]), stop_gradient(t[0]) + 1};
                },
                in);
        },
        {F32_3, F32_3});
    const auto results = interpret(graph, std::array{vector_of({1, 2, 3}), vector_of({4, 5, 6})});
    EXPECT_EQ(results[0].span<float>()[0], 32);
    EXPECT_THAT(results[1].span<float>(), ElementsAre(2, 3, 4));
}

TEST(Interp, RoundsToTheDataTypeAtEveryNode) {
    const Graph graph =
        trace([](const Tensors& in) -> Tensors { return {(in[0] + 256.0) - 256.0}; }, {Shape(DataType::BFLOAT16, {})});
    const auto one = HostArray::scalar(BFloat16(1.0F));
    EXPECT_EQ(interpret(graph, std::array{one})[0].as_double(0), 0.0);  // 257 needs nine bits
}

TEST(Interp, SharesOneExpansionAmongManyUsers) {
    const Graph graph = trace(
        [](const Tensors& in) {
            Tensor x = in[0];
            for (int i = 0; i < 64; ++i) {
                const Tensor once = remat_list([](const Tensors& t) -> Tensors { return {t[0] * 0.5}; }, {x})[0];
                x = once + once;
            }
            return Tensors{x};
        },
        {F32_3});
    EXPECT_THAT(interpret(graph, std::array{vector_of({1, 2, 3})})[0].span<float>(), ElementsAre(1, 2, 3));
}

TEST(Interp, NamesTheArgumentThatDoesNotFit) {
    const Graph graph = trace([](const Tensors& in) -> Tensors { return {in[0]}; }, {F32_3});
    expect_error(Code::INVALID_ARGUMENT, "main takes 1 arguments, 0 were given", [&] { interpret(graph, {}); });
    expect_error(Code::SHAPE_MISMATCH, "argument 0 of main is f32[2], expected f32[3]", [&] {
        interpret(graph, std::array{vector_of({1, 2})});
    });
    expect_error(Code::DTYPE_MISMATCH, "argument 0 of main is i32[3], expected f32[3]",
                 [&] { interpret(graph, std::array{HostArray(Shape(DataType::INT32, {3}))}); });
}

TEST(Interp, RefusesAllReduce) {
    const Graph graph = trace([](const Tensors& in) -> Tensors { return {all_reduce(add, in[0], {{0, 1}})}; }, {F32_3});
    expect_error(Code::UNIMPLEMENTED, "all_reduce belongs to a per-device program", [&] {
        interpret(graph, std::array{vector_of({1, 2, 3})});
    });
}

TEST(InterpBackend, ExecutesWhatItCompiled) {
    const auto backend = make_interp_backend(2);
    EXPECT_EQ(backend->name(), "interp");
    EXPECT_EQ(backend->devices().size(), 2);
    Graph graph = trace([](const Tensors& in) -> Tensors { return {in[0] + in[1]}; }, {F32_3, F32_3});
    graph.result_axes = {{"data"}};
    const auto program = backend->compile(graph, Mesh({{"data", 1}}, DeviceSet{DeviceType::INTERP, {0}}), XlaOptions{});
    const auto x = backend->upload(vector_of({1, 2, 3}), ONE_DEVICE);
    const auto results = program->execute(std::array{x.get(), x.get()}, {});
    EXPECT_THAT(results[0]->to_host().span<float>(), ElementsAre(2, 4, 6));
    EXPECT_THAT(results[0]->placement()->axes, ElementsAre("data"));
}

TEST(InterpBackend, ConsumesReusedArgumentsThatAreNotKept) {
    const auto backend = make_interp_backend();
    Graph graph = trace([](const Tensors& in) -> Tensors { return {in[0] + 1, in[1] + 1}; }, {F32_3, F32_3});
    graph.reuse = {0, 1};
    const auto program = backend->compile(graph, ONE_DEVICE->mesh, XlaOptions{});
    const auto x = backend->upload(vector_of({1, 2, 3}), ONE_DEVICE);
    const auto y = backend->upload(vector_of({1, 2, 3}), ONE_DEVICE);
    program->execute(std::array{x.get(), y.get()}, std::array<std::int64_t, 1>{1});
    EXPECT_THAT(y->to_host().span<float>(), ElementsAre(1, 2, 3));
    expect_error(Code::DONATED, "f32[3] was donated", [&] { x->to_host(); });
    expect_error(Code::DONATED, "f32[3] was donated", [&] { x->wait(); });
    expect_error(Code::DONATED, "f32[3] was donated", [&] { program->execute(std::array{x.get(), y.get()}, {}); });
}

TEST(InterpBackend, CountsBuffersAndBytes) {
    const auto backend = make_interp_backend();
    {
        const auto x = backend->upload(vector_of({1, 2, 3}), ONE_DEVICE);
        EXPECT_EQ(backend->live_buffers(), 1);
        EXPECT_EQ(backend->memory_stats(0).in_use_bytes, 12);
    }
    EXPECT_EQ(backend->live_buffers(), 0);
    EXPECT_EQ(backend->memory_stats(0).in_use_bytes, 0);
    EXPECT_EQ(backend->memory_stats(0).peak_bytes, 12);
}

}  // namespace
}  // namespace podium
