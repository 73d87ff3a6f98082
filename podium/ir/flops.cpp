#include "podium/ir/flops.h"

#include "podium/ir/attention.h"
#include "podium/ir/contraction.h"
#include "podium/ir/control.h"
#include "podium/ir/convolution.h"
#include "podium/ir/custom.h"

namespace podium {

namespace {

/// Two products of [queries, depth] by [depth, keys] a head; in the gradient four, without those that are made again.
double attention_flops(const Node& node) {
    const auto a = attention_node(node);
    const double product = 2.0 * static_cast<double>(a.batch * a.heads) * static_cast<double>(a.queries) *
                           static_cast<double>(a.keys) * static_cast<double>(a.depth);
    return node.op == &rows::attention ? 2 * product : 4 * product;
}

}  // namespace

double matmul_flops(std::span<const Tensor> roots) {
    double sum = 0;
    for (const Node* const node : topological(roots)) {
        if (node->op == &rows::dot_general)
            sum += 2 * static_cast<double>(node->shape.count()) * static_cast<double>(contracted_count(*node));
        if (node->op == &rows::convolution)
            sum += 2 * static_cast<double>(node->shape.count()) * static_cast<double>(convolved_count(*node));
        if (node->op == &rows::attention || node->op == &rows::attention_gradient) sum += attention_flops(*node);
        double inside = 0;
        const bool runs_first =  // the others say how its gradient is made
            node->op == &rows::custom_vjp || node->op == &rows::custom_jvp || node->op == &rows::scan;
        for (const auto& region : std::span(node->regions).first(runs_first ? 1 : node->regions.size()))
            inside += matmul_flops(region->results);
        sum += inside * static_cast<double>(node->op == &rows::scan ? scan_length(*node) : 1);
    }
    return sum;
}

}  // namespace podium
