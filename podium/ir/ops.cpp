#include "podium/ir/ops.h"

namespace podium {

std::vector<const Op*> all_ops() {
    std::vector<const Op*> ops;
    for (const auto family : {creation_ops(), elementwise_ops(), movement_ops(), slicing_ops(), contraction_ops(),
                              reduction_ops(), window_ops(), convolution_ops(), linear_algebra_ops(), sorting_ops(),
                              cumulative_ops(), indexing_ops(), control_ops(), custom_ops(), neural_ops(),
                              dynamic_ops(), plumbing_ops(), distribution_ops(), quantization_ops()})
        ops.insert(ops.end(), family.begin(), family.end());
    return ops;
}

}  // namespace podium
