#include "podium/optim/trust_ratio.h"

namespace podium::optim {

/// Source: You, Gitman and Ginsburg 2017, arXiv:1708.03888; optax, scale_by_trust_ratio.
///   u = g * coefficient * |p| / (|g| + epsilon)
GradientTransform scale_by_trust_ratio(const TrustRatioOptions& options) {
    return per_leaf("scale_by_trust_ratio", {}, [=](const Leaf& leaf) {
        const auto norm = [&](const Tensor& x) { return maximum(sqrt(sum(square(x))), options.min_norm); };
        const Tensor of_parameter = norm(leaf.parameter), of_update = norm(leaf.update);
        const Tensor ratio = options.coefficient * of_parameter / (of_update + options.epsilon);
        const Tensor is_zero = equal(of_parameter, 0.0) | equal(of_update, 0.0);
        return leaf.with(leaf.update * select(is_zero, 1.0, ratio));
    });
}

}  // namespace podium::optim
