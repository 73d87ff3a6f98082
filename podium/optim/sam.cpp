#include "podium/optim/sam.h"

#include "podium/optim/sgd.h"
#include "podium/optim/tree_math.h"
#include "podium/transform/transform.h"

namespace podium::optim {

GradientTransform sharpness_aware(const GradientTransform& inner, double rho) {
    const auto update = [inner, rho](const Tree& updates, const Tree& state, const Tree& parameters,
                                     const StepLoss& loss) {
        expect_loss_function("sharpness_aware", loss);
        const Tree ascent = scaled(rho / global_norm(updates), updates);
        const Tree gradient = grad(loss.function)(apply_updates(parameters, ascent));
        return inner.update(in_order(gradient, updates), state, parameters, loss);
    };
    return {"sharpness_aware", inner.init, update};
}

GradientTransform sam(const Schedule& learning_rate, const SamOptions& options) {
    return named(
        "sam",
        sharpness_aware(sgd(learning_rate, {.momentum = options.momentum, .nesterov = options.nesterov}), options.rho));
}

}  // namespace podium::optim
