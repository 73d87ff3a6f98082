#include "podium/transform/checks.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "podium/ir/control.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"

namespace podium {
namespace {

constexpr auto NO_SITE = CheckedGraph::NO_SITE;

/// Copies the nodes of one graph or region, with checks; every walk of a program adds to the same sites.
class CheckWalk {
public:
    CheckWalk(const Checks& checks, std::vector<CheckSite>& sites) : checks_(checks), sites_(sites) {}

    /// Returns the graph's results and then the number of the first site that failed, for new parameters.
    Tensors operator()(const Graph& graph, std::span<const Tensor> parameters) {
        for (std::size_t i = 0; i < parameters.size(); ++i) values_[graph.parameters[i].node().get()] = parameters[i];
        visit(graph.results);
        Tensors results;
        for (const auto& result : graph.results) results.push_back(value(result));
        results.push_back(first_failure());
        return results;
    }

    /// Looks at a parameter of the program.
    void check_argument(const Tensor& parameter) {
        check_value(parameter, {}, true,
                    fmt::format("argument {} {} holds", parameter->label, to_string(parameter.shape())), {});
    }

private:
    const Tensor& value(const Tensor& tensor) const { return values_.at(tensor.node().get()); }

    void visit(const Tensors& roots) {
        for (const auto& tensor : topological_tensors(roots)) {
            if (values_.contains(tensor.node().get())) continue;
            const LocationScope scope(tensor->location, LocationScope::Among::INNERMOST);
            Tensor copy = copied(tensor);
            values_[tensor.node().get()] = copy;
            if (made_of_constants(*tensor.node()))
                constants_.insert(tensor.node().get());
            else if (copy->results.empty())
                check_node(*tensor.node(), copy);
        }
        kept_.insert(kept_.end(), roots.begin(), roots.end());
    }

    /// Returns what stands for the node: a node on the copied operands, with checks inside its regions.
    Tensor copied(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (node.op->kind == Kind::RESULT)
            if (const auto found = results_.find(node.operands[0].node().get()); found != results_.end())
                return found->second[static_cast<std::size_t>(node.integer(0))];
        Tensors operands;
        bool changed = false;
        for (const auto& operand : node.operands) {
            operands.push_back(value(operand));
            changed = changed || operands.back().node() != operand.node();
        }
        if (node.op == &rows::while_loop || node.op == &rows::conditional || node.op == &rows::if_else)
            results_[&node] = with_checked_regions(node, std::move(operands));
        else if (node.op->kind == Kind::COMPOSITE && !node.regions.empty())
            results_[&node] = expanded(node);
        else
            return changed ? with_operands(tensor, std::move(operands)) : tensor;
        return node.results.empty() ? results_[&node][0] : tensor;
    }

    bool made_of_constants(const Node& node) const {
        return node.op->kind != Kind::PARAMETER && node.op->kind != Kind::EVALUATED &&
               std::ranges::all_of(node.operands,
                                   [&](const Tensor& operand) { return constants_.contains(operand.node().get()); });
    }

    Tensors expanded(const Node& node) {
        const Tensors parts = node.op->expand(node);
        visit(parts);
        Tensors results;
        for (const auto& part : parts) results.push_back(value(part));
        return results;
    }

    /// Returns the results of a loop or a choice whose regions hand out, behind them, the first site that failed.
    Tensors with_checked_regions(const Node& node, Tensors operands) {
        const bool is_loop = node.op == &rows::while_loop;
        std::vector<GraphPtr> regions;
        for (const auto& region : node.regions) {
            const TraceScope scope;
            auto graph = std::make_shared<Graph>();
            graph->name = region->name;
            for (const auto& parameter : region->parameters)
                graph->parameters.push_back(scope.parameter(parameter.shape(), parameter->label));
            const std::span own(graph->parameters);
            if (is_loop && regions.empty()) {
                graph->results = inline_graph(*region, own);  // the condition, which only decides
            } else {
                CheckWalk walk(checks_, sites_);
                graph->results = walk(*region, own);
            }
            if (is_loop) {
                const Tensor before = scope.parameter(Shape(DataType::INT32, {}));
                if (!regions.empty()) {
                    Tensor& failure = graph->results.back();
                    failure = select(equal(before, NO_SITE), failure, before);
                }
                graph->parameters.push_back(before);
            }
            regions.push_back(std::move(graph));
        }
        if (is_loop) operands.push_back(scalar_of(DataType::INT32, NO_SITE));
        std::vector<Shape> shapes = node.results;
        shapes.emplace_back(DataType::INT32, Dims{});
        Tensors results = record_all({.op = *node.op,
                                      .operands = std::move(operands),
                                      .attributes = node.attributes,
                                      .location = node.location,
                                      .regions = std::move(regions),
                                      .results = std::move(shapes),
                                      .label = node.label});
        failures_.push_back(results.back());
        results.pop_back();
        return results;
    }

    void check_node(const Node& node, const Tensor& copy) {
        const bool is_result = node.op->kind == Kind::RESULT;
        const Node& source = is_result ? *node.operands[0].node() : node;
        if (is_result && results_.contains(&source)) return;
        const Tensors& operands = is_result ? value(node.operands[0])->operands : copy->operands;
        const std::string what = fmt::format("{} {}", source.op->name, to_string(node.shape));
        if (checks_.index && node.op->inside != nullptr)
            add_site(logical_not(node.op->inside(node, operands)), Code::OUT_OF_RANGE,
                     fmt::format("{}: an index lies outside of {}", what, to_string(operands[0].shape())),
                     node.location);
        if (checks_.condition && node.op == &rows::check)
            add_site(logical_not(operands[1]), Code::FAILED_PRECONDITION, node.label, node.location);
        check_value(copy, operands, node.op->kind == Kind::ELEMENTWISE, what + " made", node.location);
    }

    /// `alike`: each element is made of the operands' elements at its place.
    void check_value(const Tensor& x, const Tensors& operands, bool alike, const std::string& what,
                     const Location& location) {
        if (!is_inexact(x.type())) return;
        if (checks_.nan) add_site(not_equal(x, x), Code::NOT_FINITE, what + " NaN", location);
        if (checks_.infinity) {
            Tensor made = infinite(x);
            for (const auto& operand : operands)
                if (is_inexact(operand.type()))
                    made = made & logical_not(alike ? infinite(operand) : any(infinite(operand)));
            add_site(made, Code::NOT_FINITE, what + " an infinity", location);
        }
    }

    static Tensor infinite(const Tensor& x) {
        if (is_complex(x.type())) return infinite(real(x)) | infinite(imag(x));
        return equal(x, x) & logical_not(is_finite(x));
    }

    /// Sites of one shape share a reduction: one each would be as many kernels to compile.
    void add_site(const Tensor& fails, Code code, std::string message, const Location& location) {
        constexpr std::size_t TOGETHER = 16;
        const auto number = static_cast<std::int32_t>(sites_.size());
        sites_.push_back({code, std::move(message), location});
        auto& group = groups_[fails.dims()];
        group.push_back(select(fails, number, scalar_of(DataType::INT32, NO_SITE)));
        if (group.size() == TOGETHER) reduce_group(group);
    }

    void reduce_group(Tensors& group) {
        Tensor first = group[0];
        for (const auto& other : std::span(group).subspan(1)) first = minimum(first, other);
        failures_.push_back(min(first));
        group.clear();
    }

    Tensor first_failure() {
        for (auto& [dims, group] : groups_)
            if (!group.empty()) reduce_group(group);
        Tensor first = scalar_of(DataType::INT32, NO_SITE);
        for (const auto& failure : failures_) first = minimum(first, failure);
        return first;
    }

    const Checks& checks_;
    std::vector<CheckSite>& sites_;
    std::unordered_map<const Node*, Tensor> values_;
    std::unordered_map<const Node*, Tensors> results_;  ///< of nodes that were taken apart
    std::unordered_set<const Node*> constants_;         ///< and what is made of nothing else: NaN there is meant
    std::map<Dims, Tensors> groups_;                    ///< numbers of sites that failed, element by element
    Tensors failures_;                                  ///< the first numbers of whole groups
    Tensors kept_;                                      ///< keys of `values_` must not be reused while it lives
};

}  // namespace

CheckedGraph with_checks(const Graph& graph, const Checks& checks) {
    const TraceScope scope;
    CheckedGraph checked{.graph = std::make_shared<Graph>(graph)};
    CheckWalk walk(checks, checked.sites);
    for (auto& parameter : checked.graph->parameters) {
        parameter = scope.parameter(parameter.shape(), parameter->label);
        walk.check_argument(parameter);
    }
    checked.graph->results = walk(graph, checked.graph->parameters);
    return checked;
}

}  // namespace podium
