#include "podium/transform/weight_products.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "podium/ir/ops.h"
#include "podium/transform/reverse.h"

namespace podium {
namespace {

struct Use {
    Tensor user;
    std::size_t operand;
};

/// Where the nodes of a function are used.
class Uses {
public:
    explicit Uses(const Tensor& root) {
        for (const auto& tensor : topological_tensors(std::span(&root, 1)))
            for (std::size_t i = 0; i < tensor->operands.size(); ++i)
                uses_[tensor->operands[i].node().get()].push_back({tensor, i});
    }
    /// Returns the only use, or none.
    const Use* only(const Node* node) const {
        const auto found = uses_.find(node);
        return found == uses_.end() || found->second.size() != 1 ? nullptr : found->second.data();
    }

private:
    std::unordered_map<const Node*, std::vector<Use>> uses_;
};

/// Returns what a matrix is taken of by conversions and transpositions, and whether these swap its dimensions.
std::pair<const Node*, bool> origin(const Node* node) {
    bool swapped = false;
    for (; node->op == &rows::convert || node->op == &rows::transpose; node = node->operands[0].node().get())
        swapped = swapped != (node->op == &rows::transpose && node->attributes[0] == Dims{1, 0});
    return {node, swapped};
}

/// A product as the graph has it.
struct Found {
    WeightProduct result;
    Tensor product;
    std::size_t side;               ///< which operand the weight is
    std::int64_t output_axis;       ///< of the product
    std::int64_t contracted_other;  ///< dimension of the other operand
};

std::optional<Found> product_of(const Uses& uses, const Tensors& parameters, std::size_t index) {
    const Tensor& weight = parameters[index];
    if (weight.rank() != 2 || !is_float(weight.type())) return {};
    const Use* use = uses.only(weight.node().get());
    while (use != nullptr && (use->user->op == &rows::convert || use->user->op == &rows::transpose))
        use = uses.only(use->user.node().get());
    if (use == nullptr || use->user->op != &rows::dot_general) return {};
    const Node& dot = *use->user.node();
    const std::size_t side = use->operand, other = 1 - side;
    const Dims &batch = dot.attributes[side], &own = dot.attributes[2 + side], &contracted = dot.attributes[2 + other];
    const Node* const from = origin(dot.operands[other].node().get()).first;
    const bool is_data = std::ranges::none_of(parameters, [&](const Tensor& p) { return p.node().get() == from; });
    if (!batch.empty() || own.size() != 1 || !is_data) return {};
    Found found{{}, use->user, side, side == 1 ? use->user.rank() - 1 : 0, contracted[0]};
    found.result.weight = index;
    found.result.transposed = (own[0] == 1) != origin(dot.operands[side].node().get()).second;
    return found;
}

/// Returns which parameter is all that is added to the product along its outputs.
std::optional<std::size_t> bias_of(const Uses& uses, const Found& found, const Tensors& parameters) {
    const Use* use = uses.only(found.product.node().get());
    if (use == nullptr || use->user->op != &add) return {};
    const Node* sum = use->user.node().get();
    const Node* node = sum->operands[1 - use->operand].node().get();
    std::int64_t axis = found.output_axis;
    for (const Node* user = sum; node->op == &rows::convert || node->op == &rows::broadcast_in_dim;) {
        const Use* const only = uses.only(node);
        if (only == nullptr || only->user.node().get() != user) return {};
        if (node->op == &rows::broadcast_in_dim) {
            if (node->attributes[0] != Dims{axis}) return {};
            axis = 0;
        }
        user = node;
        node = node->operands[0].node().get();
    }
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (parameters[i].node().get() == node && parameters[i].rank() == 1 && uses.only(node) != nullptr &&
            parameters[i].dim(0) == found.product.dim(found.output_axis))
            return i;
    return {};
}

/// Returns x with that dimension last, and all others as one before it.
Tensor as_rows(const Tensor& x, std::int64_t axis) {
    Dims order;
    for (std::int64_t i = 0; i < x.rank(); ++i)
        if (i != axis) order.push_back(i);
    order.push_back(axis);
    const std::int64_t width = x.dim(axis);
    return reshape(transpose(x, order), {width == 0 ? 0 : x.shape().count() / width, width});
}

}  // namespace

/// Zeros are added to the products: gradients by them are those by the products.
std::vector<WeightProduct> weight_products(const std::function<Tensor(const Tensors& parameters)>& loss,
                                           const Tensors& parameters) {
    const Tensors variables = fresh(parameters);
    const InlineScope scope(variables);
    Tensors roots{loss(variables)};
    expect_scalar(roots[0]);
    const std::lock_guard lock(recording_mutex());
    std::vector<Found> all;
    {
        const Uses uses(roots[0]);
        for (std::size_t i = 0; i < variables.size(); ++i)
            if (auto found = product_of(uses, variables, i)) {
                found->result.bias = bias_of(uses, *found, variables);
                all.push_back(std::move(*found));
            }
    }
    for (const auto& found : all) roots.push_back(found.product);
    for (const auto& found : all) roots.push_back(found.product->operands[1 - found.side]);
    Tensors zero;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Tensor product = roots[1 + i];
        zero.push_back(fresh({zeros(product.dims(), product.type())})[0]);
        roots = substitute(roots, {{product.node().get(), product + zero.back()}});
    }
    const Pullback walked = pullback({roots[0]}, {ones_like(roots[0])}, zero);
    const Tensors gradients = filled(walked.gradients, zero);
    std::vector<WeightProduct> results;
    for (std::size_t i = 0; i < all.size(); ++i) {
        results.push_back(std::move(all[i].result));
        results.back().inputs = as_rows(roots[1 + all.size() + i], all[i].contracted_other);
        results.back().gradients = as_rows(gradients[i], all[i].output_axis);
    }
    return results;
}

}  // namespace podium
