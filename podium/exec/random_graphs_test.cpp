#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "podium/emit/stablehlo.h"
#include "podium/exec/backends.h"
#include "podium/exec/compile.h"
#include "podium/ir/ops.h"
#include "podium/ir/trace.h"
#include "podium/runtime/interp/interp.h"
#include "tests/support/oracle.h"
#include "tests/support/random_graph.h"

namespace podium {
namespace {

/// Runs the graph by the plugin.
std::vector<HostArray> run(const Graph& graph, const std::vector<HostArray>& inputs) {
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
    for (const auto& result : compile(graph, mesh, {.optimization_level = 0})->execute(handles, {}))
        results.push_back(result->to_host());
    return results;
}

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
            const auto found = run(*closed.graph, arguments), expected = interpret(*closed.graph, arguments);
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
