#include "podium/optim/onebit_adam.h"

#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// Returns the root mean square of a layer's elements: x's rank, ones in the layer's dimensions.
Tensor layer_magnitude(const Leaf& leaf, const Tensor& x) {
    const Dims axes = leaf.layer_axes();
    return axes.empty() ? abs(x) : convert(sqrt(mean(square(wide(x)), axes, true)), x.type());
}

}  // namespace

/// Source: Tang et al. 2021, arXiv:2102.02888, algorithm 1; DeepSpeed, runtime/fp16/onebit/adam.py and
/// runtime/comm/nccl.py (no corrections; the magnitude |x|_2 / sqrt(n), which keeps the norm; the sign of 0 is 1).
/// There the first call of step changes nothing, one worker alone compresses nothing, and what stays is a mask of the
/// user's.
///   m' = (1 - beta1) * g + beta1 * m, v' = (1 - beta2) * g^2 + beta2 * v, u = m' / (sqrt(v') + epsilon)
/// and once frozen
///   v' = v, x = (1 - beta1) * g + beta1 * m + e, m' = |x|_2 / sqrt(n) * sign(x), e' = x - m'
GradientTransform scale_by_onebit_adam(const OnebitAdamOptions& options) {
    if (options.freeze_step < 0)
        fail(Code::INVALID_ARGUMENT, "scale_by_onebit_adam: freezes after {} updates; give 0 or more",
             options.freeze_step);
    return per_leaf(
        "scale_by_onebit_adam",
        {slot("first_moment", zeros_like), slot("second_moment", zeros_like), slot("error", zeros_like)},
        [options](const Leaf& leaf) {
            const Tensor &gradient = leaf.update, &v = leaf.slots[1], &error = leaf.slots[2];
            const Tensor none = zeros_like(gradient);
            const Tensor is_frozen = broadcast_to(leaf.scalars[0] > 0.0, gradient.dims());
            const Tensor mean = moved(leaf.slots[0], options.beta1, gradient);
            const Tensor second = select(is_frozen, v, moved(v, options.beta2, square(gradient)));
            const Tensor whole = mean + error, magnitude = broadcast_to(layer_magnitude(leaf, whole), whole.dims());
            const Tensor is_known = v > 0.0;
            const Tensor sent = select(is_known, select(whole >= 0.0, magnitude, -magnitude), none);
            const Tensor first = select(is_frozen, sent, mean);
            return leaf.with(first / (sqrt(second) + options.epsilon),
                             {first, second, select(is_frozen & is_known, whole - sent, none)});
        },
        [freeze_step = options.freeze_step](const Tensor& count, DataType type) -> Tensors {
            return {convert(count >= freeze_step, type)};
        });
}

GradientTransform onebit_adam(const Schedule& learning_rate, const OnebitAdamOptions& options) {
    return named("onebit_adam",
                 chain(scale_by_onebit_adam(options), add_decayed_weights(options.weight_decay, options.mask),
                       scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
