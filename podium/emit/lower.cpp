#include "podium/emit/lower.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "podium/base/dims.h"
#include "podium/emit/convolution_form.h"
#include "podium/emit/cpu_defects.h"
#include "podium/emit/library_calls.h"
#include "podium/ir/ops.h"

namespace podium {
namespace {

/// The dimensions of one side of a product by what they are for.
struct Side {
    const Tensor& tensor;
    Dims batch, free, contract;
    std::int64_t sizes(const Dims& dims) const {
        std::int64_t size = 1;
        for (const auto axis : dims) size *= tensor.dim(axis);
        return size;
    }
};

Side side(const Tensor& tensor, const Dims& batch, const Dims& contract) {
    return {tensor, batch, complement(joined(batch, contract), tensor.rank()), contract};
}

/// A matrix (behind one batch dimension where there is a batch), and which of its two dimensions is contracted.
struct Matrix {
    Tensor tensor;
    std::int64_t contract;
};

/// Returns the side as a matrix, transposed only where its dimensions are not already in one of the two orders.
Matrix as_matrix(const Side& s, const Location& location) {
    const bool contract_first = std::is_sorted(s.batch.begin(), s.batch.end()) &&
                                joined(s.batch, s.contract, s.free) == complement({}, s.tensor.rank());
    Dims order = contract_first ? joined(s.batch, s.contract, s.free) : joined(s.batch, s.free, s.contract);
    const Tensor ordered = transpose(Operand(s.tensor, location), std::move(order));
    Dims dims;
    if (!s.batch.empty()) dims.push_back(s.sizes(s.batch));
    dims.push_back(s.sizes(contract_first ? s.contract : s.free));
    dims.push_back(s.sizes(contract_first ? s.free : s.contract));
    const std::int64_t offset = s.batch.empty() ? 0 : 1;
    return {reshape(Operand(ordered, location), std::move(dims)), offset + (contract_first ? 0 : 1)};
}

/// Returns the product as one of matrices. Its dimensions come out in dot_general's own order.
Tensor matrix_product(const Node& node, const Tensors& operands, bool called) {
    const auto& a = node.attributes;
    const Matrix lhs = as_matrix(side(operands[0], a[0], a[2]), node.location),
                 rhs = as_matrix(side(operands[1], a[1], a[3]), node.location);
    const Dims batch = a[0].empty() ? Dims{} : Dims{0};
    Tensor product = dot_general(Operand(lhs.tensor, node.location), Operand(rhs.tensor, node.location),
                                 {batch, batch, {lhs.contract}, {rhs.contract}});
    if (called) product = product_call(*product.node()).value_or(product);
    return reshape(Operand(product, node.location), node.shape.dims);
}

/// Returns the reduction over merged dimensions: XLA's CPU compiler vectorizes a reduction of one dimension, and one of
/// two neighbours not. Above a dimension that stays, a barrier keeps XLA from taking the merging back. The greatest of
/// a row is taken by halves: a maximum that lets NaN through is not vectorized along it.
Tensor merged_reduction(const Node& node, const Tensors& operands) {
    constexpr std::int64_t HALVED_TO = 8;
    const Tensor& x = operands[0];
    const Dims& axes = node.attributes[0];
    Dims merged, reduced;
    bool last_reduced = false;
    for (std::int64_t i = 0; i < x.rank(); ++i) {
        const bool is_reduced = contains(axes, i);
        if (i > 0 && is_reduced == last_reduced) {
            merged.back() *= x.dim(i);
        } else {
            merged.push_back(x.dim(i));
            if (is_reduced) reduced.push_back(static_cast<std::int64_t>(merged.size()) - 1);
        }
        last_reduced = is_reduced;
    }
    Tensor value = reshape(Operand(x, node.location), merged);
    if (!last_reduced && static_cast<std::int64_t>(merged.size()) < x.rank())
        value = optimization_barrier({value}, node.location)[0];
    const auto minor = static_cast<std::int64_t>(merged.size()) - 1;
    const bool is_extreme = node.inner == &maximum || node.inner == &minimum;
    if (is_extreme && last_reduced && minor > 0)
        for (auto size = merged.back(); size % 2 == 0 && size > HALVED_TO; size /= 2)
            value = static_cast<const Binary&>(*node.inner)(
                slice_axis(Operand(value, node.location), minor, 0, size / 2),
                slice_axis(Operand(value, node.location), minor, size / 2, size));
    Shape shape(node.shape.type, {});
    for (const auto axis : complement(reduced, minor + 1)) shape.dims.push_back(merged[static_cast<std::size_t>(axis)]);
    const Tensor result = record({.op = *node.op,
                                  .shape = std::move(shape),
                                  .operands = {value, operands[1]},
                                  .attributes = {std::move(reduced)},
                                  .location = node.location,
                                  .inner = node.inner});
    return reshape(Operand(result, node.location), node.shape.dims);
}

/// Returns the operands and signals of a `hold`. XLA's CPU compiler drops barriers before it orders the program, so
/// what has a signal's shape is made to depend on it: an element whose signal is NaN becomes zero. The gradient has
/// that NaN in any case, if not in all the same places.
Tensors held_by_value(const Node& node) {
    Tensors results = optimization_barrier(node.operands, node.location);
    const auto signals = std::span(results).subspan(static_cast<std::size_t>(node.integer(0)));
    for (auto& operand : std::span(results).first(results.size() - signals.size())) {
        const auto signal = std::ranges::find_if(
            signals, [&](const Tensor& each) { return is_float(each.type()) && each.dims() == operand.dims(); });
        if (signal == signals.end()) continue;
        const Operand located(*signal, node.location);
        operand = select(Operand(not_equal(located, located), node.location), zeros_like(operand), operand);
    }
    return results;
}

class Lowering {
public:
    Lowering(bool cpu_forms, LibraryUse library, bool merges)
        : cpu_forms_(cpu_forms), library_(library), merges_(cpu_forms && merges) {}

    void bind(const Tensor& tensor, Tensor value) { values_[tensor.node().get()] = {std::move(value)}; }

    Tensor operator()(const Tensor& root) {
        visit({root});
        return values_.at(root.node().get())[0];
    }

    Tensors all(const Tensors& roots) {
        visit(roots);
        Tensors results;
        for (const auto& root : roots) results.push_back(values_.at(root.node().get())[0]);
        return results;
    }

private:
    void visit(const Tensors& roots) {
        for (const auto& tensor : topological_tensors(roots)) {
            const Node* node = tensor.node().get();
            if (values_.contains(node)) continue;
            if (is_constant(*node)) constants_.insert(node);
            values_[node] = lowered(tensor);
        }
        kept_.insert(kept_.end(), roots.begin(), roots.end());
    }

    bool is_expanded(const Op& op) const { return op.kind == Kind::COMPOSITE || (cpu_forms_ && stands_for_others(op)); }

    /// True for constants and whatever is computed of nothing else; the operands were asked before.
    bool is_constant(const Node& node) const {
        if (node.op->kind == Kind::CONSTANT || node.op == &rows::iota) return true;
        return !node.operands.empty() && node.op->kind != Kind::RESULT &&
               std::all_of(node.operands.begin(), node.operands.end(),
                           [&](const Tensor& operand) { return constants_.contains(operand.node().get()); });
    }

    /// Returns what stands for the node: one tensor, or one a result for a composite of several.
    Tensors lowered(const Tensor& tensor) {
        const Node& node = *tensor.node();
        if (node.op->kind == Kind::RESULT) {
            const Tensors& source = values_.at(node.operands[0].node().get());
            const auto index = static_cast<std::size_t>(node.integer(0));
            if (is_expanded(*node.operands[0]->op)) return {source[index]};
        }
        Tensors operands;
        for (const auto& operand : node.operands) operands.push_back(values_.at(operand.node().get())[0]);
        if (cpu_forms_ && folds_wrongly(node) && constants_.contains(&node))
            operands[0] = optimization_barrier({operands[0]}, node.location)[0];
        if (cpu_forms_) {
            expect_computable(node);
            if (!operands.empty())
                if (auto right = right_operand(node, operands[0])) operands[0] = *right;
            if (auto right = right_form(node, operands)) return {*right};
        }
        if (node.op == &rows::dot_general && merges_) return {matrix_product(node, operands, library_.products)};
        if (node.op == &rows::reduce && node.inner != nullptr && merges_ && !node.attributes[0].empty())
            return {merged_reduction(node, operands)};
        if (node.op->kind == Kind::CONSTANT || node.op->kind == Kind::PARAMETER) return {tensor};
        std::vector<GraphPtr> regions = node.regions;
        const bool composite = is_expanded(*node.op);
        if (!composite)
            for (auto& region : regions)
                region = std::make_shared<const Graph>(lower(*region, cpu_forms_, library_, merges_));
        const Tensor copy = record({.op = *node.op,
                                    .shape = node.shape,
                                    .operands = std::move(operands),
                                    .attributes = node.attributes,
                                    .location = node.location,
                                    .regions = std::move(regions),
                                    .inner = node.inner,
                                    .results = node.results,
                                    .label = node.label,
                                    .literal = node.literal});
        if (library_.attention && (node.op == &rows::attention || node.op == &rows::attention_gradient))
            if (Tensors called = attention_call(*copy.node()); !called.empty()) return called;
        const bool is_convolution = cpu_forms_ && copy->op == &rows::convolution;
        const auto product = is_convolution ? convolution_as_product(*copy.node()) : std::nullopt;
        if (is_convolution && !product && library_.convolutions) return {convolution_call(*copy.node()).value_or(copy)};
        if (!composite && !product) return {copy};
        for (std::size_t i = 0; i < copy->operands.size(); ++i) {
            const Tensor& operand = copy->operands[i];
            if (!values_.contains(operand.node().get())) bind(operand, operand);
            if (constants_.contains(node.operands[i].node().get())) constants_.insert(operand.node().get());
        }
        if (product) return all({*product});
        return all(copy->op == &rows::hold && cpu_forms_ ? held_by_value(*copy.node())
                                                         : copy->op->expand(*copy.node()));
    }

    bool cpu_forms_;
    LibraryUse library_;
    bool merges_;
    std::unordered_map<const Node*, Tensors> values_;
    std::unordered_set<const Node*> constants_;
    Tensors kept_;  ///< keys of `values_` must not be reused while it lives
};

}  // namespace

Graph lower(const Graph& graph, bool cpu_forms, LibraryUse library, bool merges) {
    const TraceScope scope;
    Graph result = graph;
    Lowering lowering(cpu_forms, library, merges);
    for (const auto& parameter : graph.parameters) lowering.bind(parameter, parameter);
    result.results = lowering.all(graph.results);
    return result;
}

}  // namespace podium
