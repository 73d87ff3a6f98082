#include "podium/optim/sparse_adam.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: torch.optim.SparseAdam. In rows with a gradient
///   m' = (1 - beta1) * g + beta1 * m, v' = (1 - beta2) * g^2 + beta2 * v
///   u  = sqrt(1 - beta2^t) / (1 - beta1^t) * m' / (sqrt(v') + epsilon)
/// and elsewhere u = 0; t counts all updates.
GradientTransform scale_by_sparse_adam(const SparseAdamOptions& options) {
    return per_leaf(
        "scale_by_sparse_adam", {slot("first_moment", zeros_like), slot("second_moment", zeros_like)},
        [options](const Leaf& leaf) {
            const Tensor &gradient = leaf.update, &m = leaf.slots[0], &v = leaf.slots[1];
            Dims axes = leaf.layer_axes();
            if (!axes.empty()) axes.erase(axes.begin());
            Tensor has_gradient = not_equal(gradient, 0.0);
            if (!axes.empty()) has_gradient = broadcast_to(any(has_gradient, axes, true), gradient.dims());
            const Tensor first = select(has_gradient, moved(m, options.beta1, gradient), m);
            const Tensor second = select(has_gradient, moved(v, options.beta2, square(gradient)), v);
            const Tensor scale = sqrt(leaf.scalars[1]) / leaf.scalars[0];
            const Tensor step = scale * first / (sqrt(second) + options.epsilon);
            return leaf.with(select(has_gradient, step, zeros_like(step)), {first, second});
        },
        corrections({options.beta1, options.beta2}));
}

GradientTransform sparse_adam(const Schedule& learning_rate, const SparseAdamOptions& options) {
    return named("sparse_adam", chain(scale_by_sparse_adam(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
