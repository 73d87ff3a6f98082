#include "podium/optim/matrix_method.h"

#include "podium/optim/partition.h"

namespace podium::optim {

GradientTransform adamw_but_for_matrices(const GradientTransform& method, const Mask& matrices,
                                         const Schedule& learning_rate, const AdamwOptions& rest) {
    const auto of_matrices =
        chain(method, add_decayed_weights(rest.weight_decay, rest.mask), scale_by_learning_rate(learning_rate));
    return partition({{"matrices", matrices, of_matrices}, {"rest", {}, adamw(learning_rate, rest)}});
}

}  // namespace podium::optim
