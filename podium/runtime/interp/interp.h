#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "podium/ir/op.h"

namespace podium {

/// A graph made ready to run by the rows' reference evaluations: composites expanded once, nodes in order. Slow, and
/// what other backends are compared with. Immutable, so it may run on several threads.
class Interpreter {
public:
    explicit Interpreter(const Graph& graph);

    /// Returns the graph's results, each node's rounded to its data type. Throws INVALID_ARGUMENT unless there is one
    /// argument a parameter, SHAPE_MISMATCH or DTYPE_MISMATCH where one does not fit, UNIMPLEMENTED for what is
    /// between devices and for rows without a reference.
    std::vector<HostArray> run(std::span<const HostArray> arguments) const;
    /// Returns each device's results of a per-device program, from each device's arguments.
    std::vector<std::vector<HostArray>> run_together(std::span<const std::vector<HostArray>> arguments) const;

private:
    using Values = std::unordered_map<const Node*, std::vector<HostArray>>;  ///< one array a result

    void prepare(const Graph& graph);
    const Tensors& dependencies(const Node& node) const;
    std::vector<HostArray> run(const Graph& graph, std::span<const HostArray> arguments) const;
    std::vector<HostArray> value_of(const Node& node, const Values& values) const;

    GraphPtr graph_;
    std::unordered_map<const Node*, Tensors> expansions_;  ///< of composites
    std::unordered_map<const Graph*, Tensors> orders_;     ///< of the graph and its regions: operands before users
};

/// Returns the graph's results for `arguments`, one a parameter.
std::vector<HostArray> interpret(const Graph& graph, std::span<const HostArray> arguments);

}  // namespace podium
