#include "podium/optim/rprop.h"

namespace podium::optim {

/// Source: Riedmiller and Braun 1993, "A direct adaptive method for faster backpropagation learning"; optax,
/// scale_by_rprop, whose updates are the steps of the gradient before, so that those whose sign turned are taken back.
///   s' = s * eta_plus where g * step > 0, s * eta_minus where it is below, in [least_step, greatest_step]
///   step' = 0 where the sign turned, else s' * sign(g);     u = 0 where it turned, else step
GradientTransform scale_by_rprop(double first_step, const RpropOptions& options) {
    const auto first = [=](const Tensor& parameter) { return full(parameter.dims(), first_step, parameter.type()); };
    return per_leaf("scale_by_rprop", {slot("step_size", first), slot("step", zeros_like)}, [=](const Leaf& leaf) {
        const Tensor &size = leaf.slots[0], &step = leaf.slots[1];
        const Tensor agreement = leaf.update * step, turned = agreement < 0.0;
        const Tensor adapted =
            clamp(options.least_step,
                  size * select(agreement > 0.0, full(size.dims(), options.eta_plus, size.type()), options.eta_minus),
                  options.greatest_step);
        const Tensor next = select(equal(agreement, 0.0), size, adapted);
        return leaf.with(select(turned, 0.0, step), {next, select(turned, 0.0, next * sign(leaf.update))});
    });
}

GradientTransform rprop(const Schedule& learning_rate, const RpropOptions& options) {
    return named("rprop", chain(scale_by_rprop(constant_rate("rprop", learning_rate), options), scale(-1.0)));
}

}  // namespace podium::optim
