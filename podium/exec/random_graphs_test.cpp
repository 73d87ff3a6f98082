#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "podium/emit/stablehlo.h"
#include "podium/ir/ops.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "tests/support/oracle.h"
#include "tests/support/random_graph.h"
#include "tests/support/run_graph.h"

namespace podium {
namespace {

/// What went through f32 was rounded at other places where XLA merges operations.
double tolerance_of(const Graph& graph) {
    const bool is_narrow = std::ranges::any_of(
        topological(graph.results), [](const Node* node) { return part_type(node->shape.type) == DataType::FLOAT32; });
    return is_narrow ? 1e-3 : 1e-9;
}

std::uint64_t graph_count() {
    const char* given = std::getenv("PODIUM_RANDOM_GRAPHS");
    return given ? std::stoull(given) : 60;
}

TEST(RandomGraphs, ThePluginAgreesWithTheInterpreter) {
    constexpr int STEPS = 12;
    for (std::uint64_t seed = 1; seed <= graph_count(); ++seed) {
        clear_compiled();
        const auto random = test::random_graph(seed, STEPS);
        Tensors like;
        for (const auto& input : random.inputs) like.push_back(zeros(input.shape().dims, input.type()));
        const Closed closed = trace_region(random.f, like);
        std::vector<HostArray> arguments = random.inputs;
        for (auto& capture : interpret({.results = closed.captures}, {})) arguments.push_back(std::move(capture));
        const auto text = [&] {
            return fmt::format("seed {}\n{}", seed, stablehlo(*closed.graph, Mesh(Device()), {.locations = false}));
        };
        try {
            const auto found = test::results_of(*closed.graph, arguments, {.optimization_level = 0}),
                       expected = interpret(*closed.graph, arguments);
            for (std::size_t i = 0; i < found.size(); ++i)
                EXPECT_EQ(test::difference(found[i], expected[i], tolerance_of(*closed.graph)), "")
                    << "result " << i << ", " << text();
        } catch (const Error& error) {
            ADD_FAILURE() << error.what() << "\n" << text();
        }
    }
}

}  // namespace
}  // namespace podium
