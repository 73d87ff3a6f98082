#include "podium/ir/ops.h"

namespace podium {

std::vector<const Op*> all_ops() {
    std::vector<const Op*> ops;
    for (const auto family : {creation_ops(), elementwise_ops(), movement_ops(), slicing_ops(), contraction_ops(),
                              reduction_ops(), indexing_ops(), control_ops()})
        ops.insert(ops.end(), family.begin(), family.end());
    return ops;
}

}  // namespace podium
