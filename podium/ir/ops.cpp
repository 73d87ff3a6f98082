#include "podium/ir/ops.h"

namespace podium {

std::vector<OpFamily> op_families() {
    return {{"creation", creation_ops()},
            {"elementwise", elementwise_ops()},
            {"movement", movement_ops()},
            {"slicing", slicing_ops()},
            {"contraction", contraction_ops()},
            {"reduction", reduction_ops()},
            {"windows", window_ops()},
            {"convolution", convolution_ops()},
            {"linear algebra", linear_algebra_ops()},
            {"sorting", sorting_ops()},
            {"cumulative", cumulative_ops()},
            {"indexing", indexing_ops()},
            {"control", control_ops()},
            {"custom", custom_ops()},
            {"neural", neural_ops()},
            {"attention", attention_ops()},
            {"dynamic", dynamic_ops()},
            {"plumbing", plumbing_ops()},
            {"distribution", distribution_ops()},
            {"sharding", sharding_ops()},
            {"quantization", quantization_ops()}};
}

std::vector<const Op*> all_ops() {
    std::vector<const Op*> ops;
    for (const auto& family : op_families()) ops.insert(ops.end(), family.ops.begin(), family.ops.end());
    return ops;
}

}  // namespace podium
