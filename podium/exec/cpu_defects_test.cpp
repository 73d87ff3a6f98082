// Forms in which the CPU plugin is right, against the interpreter.
#include <gtest/gtest.h>

#include <array>

#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "podium/transform/transform.h"

namespace podium {
namespace {

std::vector<HostArray> results_of(const Graph& graph, const std::vector<HostArray>& inputs,
                                  const XlaOptions& options = {}) {
    const Mesh mesh{Device()};
    const auto backend = backend_for(mesh);
    const auto here = std::make_shared<const Placement>(mesh);
    std::vector<BufferPtr> arguments;
    std::vector<Buffer*> handles;
    for (const auto& input : inputs) {
        arguments.push_back(backend->upload(input, here));
        handles.push_back(arguments.back().get());
    }
    std::vector<HostArray> results;
    for (const auto& result : compile(graph, mesh, {})->execute(handles, {})) results.push_back(result->to_host());
    return results;
}

constexpr std::array INTEGERS{DataType::INT2,  DataType::INT4,   DataType::INT8,   DataType::INT16,
                              DataType::INT32, DataType::INT64,  DataType::UINT2,  DataType::UINT4,
                              DataType::UINT8, DataType::UINT16, DataType::UINT32, DataType::UINT64};

TEST(CpuDefects, StartsOfSlicesAreNumbersOfTheirType) {
    for (const bool folded : {true, false})
        for (const auto type : INTEGERS) {
            const TraceScope scope;
            Graph graph;
            std::vector<HostArray> inputs;
            const auto given = [&](std::uint64_t bits) {
                HostArray start(Shape(type, {}));
                store(start, 0, bits);
                if (folded) return constant(start);
                inputs.push_back(start);
                graph.parameters.push_back(scope.parameter(start.shape()));
                return graph.parameters.back();
            };
            const Tensor x = iota({300}, 0, DataType::INT32), piece = full({2}, -1, DataType::INT32);
            const auto highest = std::uint64_t{1} << (size_bits(type) - 1);
            for (const auto bits : {std::uint64_t{1}, highest - 1, highest, highest + 1, ~std::uint64_t{0}}) {
                const Tensor start = given(bits);
                graph.results.push_back(dynamic_slice(x, {start}, {2}));
                graph.results.push_back(dynamic_update_slice(x, piece, {start}));
            }
            const auto found = results_of(graph, inputs), expected = interpret(graph, inputs);
            for (std::size_t i = 0; i < found.size(); ++i)
                EXPECT_EQ(found[i], expected[i]) << name(type) << " result " << i << ", folded " << folded;
        }
}

TEST(CpuDefects, StartsThatDifferInABatchAreNumbersOfTheirType) {
    const Tensor x = iota({300}, 0, DataType::INT32);
    const auto first = [&](const HostArray& starts) {
        return vmap([&](const Tensor& start) { return dynamic_slice(x, {start}, {1}); })(constant(starts)).to_host();
    };
    const HostArray ends = HostArray::of<std::int32_t>({2, 1}, {1, 299});
    EXPECT_EQ(first(HostArray::of<std::uint32_t>({2}, {1, 0x80000000U})), ends);
    EXPECT_EQ(first(HostArray::of<std::uint64_t>({2}, {1, ~std::uint64_t{0}})), ends);
    EXPECT_EQ(first(HostArray::of<std::uint8_t>({2}, {1, 255})), HostArray::of<std::int32_t>({2, 1}, {1, 255}));
}

}  // namespace
}  // namespace podium
