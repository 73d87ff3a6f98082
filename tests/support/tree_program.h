#pragma once

#include <cmath>

#include "podium/base/tree.h"
#include "podium/ir/graph.h"

namespace podium::test {

using HostTree = BasicTree<HostArray>;

/// A function of trees, traced once on the shapes of examples and compiled by a backend for one device.
class TreeProgram {
public:
    using Function = std::function<std::vector<Tree>(const std::vector<Tree>&)>;

    TreeProgram(Backend& backend, const std::vector<HostTree>& examples, const Function& f)
        : backend_(backend), device_(backend.devices()[0].device) {
        const TraceScope scope;
        Graph graph;
        std::vector<Tree> trees;
        for (const auto& example : examples) {
            trees.push_back(example.map([&](const HostArray& leaf) { return scope.parameter(leaf.shape()); }));
            graph.parameters.insert(graph.parameters.end(), trees.back().leaves().begin(), trees.back().leaves().end());
        }
        for (const auto& result : f(trees)) {
            graph.results.insert(graph.results.end(), result.leaves().begin(), result.leaves().end());
            results_.push_back(result.paths());
        }
        executable_ = backend.compile(graph, Mesh(device_), {});
    }

    std::vector<HostTree> operator()(const std::vector<HostTree>& arguments) const {
        const auto placement = std::make_shared<const Placement>(Mesh(device_));
        std::vector<BufferPtr> uploaded;
        std::vector<Buffer*> buffers;
        for (const auto& tree : arguments)
            for (const auto& leaf : tree.leaves()) {
                uploaded.push_back(backend_.upload(leaf, placement));
                buffers.push_back(uploaded.back().get());
            }
        const auto results = executable_->execute(buffers, {});
        auto next = results.begin();
        std::vector<HostTree> trees;
        for (const auto& paths : results_) {
            trees.emplace_back(paths, std::vector<HostArray>(paths->names().size()));
            for (auto& leaf : trees.back().leaves()) leaf = (*next++)->to_host();
        }
        return trees;
    }

private:
    Backend& backend_;
    Device device_;
    std::vector<std::shared_ptr<const Paths>> results_;
    std::shared_ptr<Executable> executable_;
};

/// Returns the largest difference divided by the largest element of `expected`; not a number counts as infinite.
inline double relative_difference(const HostArray& found, const HostArray& expected) {
    double difference = 0.0, largest = 0.0;
    for (std::int64_t i = 0; i < expected.count(); ++i) {
        const double distance = std::abs(found.as_double(i) - expected.as_double(i));
        difference = std::max(difference, std::isfinite(distance) ? distance : HUGE_VAL);
        largest = std::max(largest, std::abs(expected.as_double(i)));
    }
    return difference == 0.0 ? 0.0 : difference / largest;
}

}  // namespace podium::test
