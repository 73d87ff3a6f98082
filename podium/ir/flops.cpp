#include "podium/ir/flops.h"

#include "podium/ir/contraction.h"
#include "podium/ir/control.h"

namespace podium {

double matmul_flops(std::span<const Tensor> roots) {
    double sum = 0;
    for (const Node* const node : topological(roots)) {
        if (node->op == &rows::dot_general)
            sum += 2 * static_cast<double>(node->shape.count()) * static_cast<double>(contracted_count(*node));
        double inside = 0;
        for (const auto& region : node->regions) inside += matmul_flops(region->results);
        sum += inside * static_cast<double>(node->op == &rows::scan ? scan_length(*node) : 1);
    }
    return sum;
}

}  // namespace podium
