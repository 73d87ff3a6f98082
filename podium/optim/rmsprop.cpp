#include "podium/optim/rmsprop.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Tieleman and Hinton 2012, "Lecture 6.5"; Graves 2013, arXiv:1308.0850 (centered); optax, scale_by_rms and
/// scale_by_stddev.
///   v' = (1 - decay) * g^2 + decay * v
///   m' = (1 - decay) * g + decay * m          where centered
///   u  = g / sqrt(v' - m'^2 + epsilon)
GradientTransform scale_by_rms(const RmspropOptions& options) {
    std::vector<Slot> slots{slot("second_moment", zeros_like)};
    if (options.centered) slots.insert(slots.begin(), slot("first_moment", zeros_like));
    const auto scaled = [=](const Leaf& leaf) {
        const Tensor& gradient = leaf.update;
        Tensors moments;
        if (options.centered) moments.push_back(moved(leaf.slots[0], options.decay, gradient));
        moments.push_back(moved(leaf.slots.back(), options.decay, square(gradient)));
        const auto corrected = [&](const Tensor& x) { return options.bias_correction ? x / leaf.scalars[0] : x; };
        const Tensor variance =
            options.centered ? corrected(moments[1]) - square(corrected(moments[0])) : corrected(moments[0]);
        const Tensor scale =
            options.epsilon_in_root ? rsqrt(variance + options.epsilon) : 1.0 / (sqrt(variance) + options.epsilon);
        return leaf.with(scale * gradient, moments);
    };
    const char* name = options.centered ? "scale_by_stddev" : "scale_by_rms";
    return options.bias_correction ? per_leaf(name, slots, scaled, corrections({options.decay}))
                                   : per_leaf(name, slots, scaled);
}

GradientTransform rmsprop(const Schedule& learning_rate, const RmspropOptions& options) {
    std::vector<GradientTransform> parts{scale_by_rms(options), scale_by_learning_rate(learning_rate)};
    if (options.momentum != 0.0) parts.push_back(trace(options.momentum, options.nesterov));
    return named("rmsprop", chain(std::move(parts)));
}

}  // namespace podium::optim
