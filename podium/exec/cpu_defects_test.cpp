// Forms in which the CPU plugin is right, against the interpreter.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "podium/ir/number.h"
#include "podium/ir/ops.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "podium/transform/transform.h"
#include "tests/support/run_graph.h"

namespace podium {
namespace {

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
            const auto found = test::results_of(graph, inputs), expected = interpret(graph, inputs);
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

/// Returns how many elements of the graph's first result are wrong.
int wrong_count(const Graph& graph, const std::vector<HostArray>& inputs, const XlaOptions& options) {
    const auto found = test::results_of(graph, inputs, options)[0], expected = interpret(graph, inputs)[0];
    int count = 0;
    for (std::int64_t i = 0; i < found.count(); ++i) {
        const double x = found.as_double(i), y = expected.as_double(i);
        if (x != y && !(std::isnan(x) && std::isnan(y))) ++count;
    }
    return count;
}

TEST(CpuDefects, SmallLoopsRoundToNarrowFloatsRightly) {
    constexpr std::array NARROW{DataType::FLOAT8_E3M4,     DataType::FLOAT8_E4M3,        DataType::FLOAT8_E4M3FN,
                                DataType::FLOAT8_E4M3FNUZ, DataType::FLOAT8_E4M3B11FNUZ, DataType::FLOAT8_E5M2,
                                DataType::FLOAT8_E5M2FNUZ};
    constexpr std::int64_t COUNT = 1 << 16, SMALL = 64;  // by its bytes XLA takes the loop for small
    for (const auto type : NARROW) {
        const TraceScope scope;
        const Tensor counter = scope.parameter(Shape(DataType::INT32, {})),
                     x = scope.parameter(Shape(DataType::FLOAT16, {SMALL}));
        const Graph graph{.parameters = {counter, x},
                          .results = {while_loop([](const Tensors& t) -> Tensors { return {less(t[0], 1)}; },
                                                 [&](const Tensors& t) -> Tensors {
                                                     const Tensor reversed = reverse(t[1], {0});
                                                     return {t[0] + 1, reversed, convert(reversed, type)};
                                                 },
                                                 {counter, x, zeros({SMALL}, type)})[2]}};
        int wrong = 0, wrong_bare = 0;
        for (std::int64_t first = 0; first < COUNT; first += SMALL) {
            HostArray bits(Shape(DataType::UINT16, {SMALL}));
            for (std::int64_t i = 0; i < SMALL; ++i) store(bits, i, first + i);
            const std::vector inputs{
                HostArray::scalar<std::int32_t>(0),
                interpret({.results = {bitcast_convert(constant(bits), DataType::FLOAT16)}}, {})[0]};
            wrong += wrong_count(graph, inputs, {});
            wrong_bare += wrong_count(graph, inputs, {.safe_defaults = false});
        }
        EXPECT_EQ(wrong, 0) << name(type);
        const bool is_right_bare =
            type == DataType::FLOAT8_E3M4 || type == DataType::FLOAT8_E4M3 || type == DataType::FLOAT8_E5M2;
        EXPECT_EQ(wrong_bare == 0, is_right_bare) << name(type) << ": " << wrong_bare;
    }
}

}  // namespace
}  // namespace podium
