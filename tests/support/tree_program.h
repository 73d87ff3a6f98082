#pragma once

#include "podium/base/tree.h"
#include "podium/ir/graph.h"
#include "podium/runtime/interp/interp.h"

namespace podium::test {

using HostTree = BasicTree<HostArray>;

/// A function of trees, traced once on the shapes of examples and run by the interpreter.
class TreeProgram {
public:
    using Function = std::function<std::vector<Tree>(const std::vector<Tree>&)>;

    TreeProgram(const std::vector<HostTree>& examples, const Function& f) : interpreter_(trace(examples, f)) {}

    std::vector<HostTree> operator()(const std::vector<HostTree>& arguments) const {
        std::vector<HostArray> leaves;
        for (const auto& tree : arguments) leaves.insert(leaves.end(), tree.leaves().begin(), tree.leaves().end());
        const auto results = interpreter_.run(leaves);
        std::vector<HostTree> trees;
        std::size_t next = 0;
        for (const auto& paths : results_) {
            trees.emplace_back(paths, std::vector<HostArray>(paths->names().size()));
            for (auto& leaf : trees.back().leaves()) leaf = results[next++];
        }
        return trees;
    }

private:
    Graph trace(const std::vector<HostTree>& examples, const Function& f) {
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
        return graph;
    }

    std::vector<std::shared_ptr<const Paths>> results_;
    Interpreter interpreter_;
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
