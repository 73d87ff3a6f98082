#include "podium/optim/adadelta.h"

#include "podium/optim/moments.h"

namespace podium::optim {

/// Source: Zeiler 2012, arXiv:1212.5701; optax, scale_by_adadelta.
///   v' = (1 - decay) * g^2 + decay * v
///   u  = sqrt(x + epsilon) / sqrt(v' + epsilon) * g
///   x' = (1 - decay) * u^2 + decay * x
GradientTransform scale_by_adadelta(const AdadeltaOptions& options) {
    return per_leaf("scale_by_adadelta", {slot("squared_gradient", zeros_like), slot("squared_update", zeros_like)},
                    [=](const Leaf& leaf) {
                        const Tensor squares = moved(leaf.slots[0], options.decay, square(leaf.update));
                        const Tensor update =
                            sqrt(leaf.slots[1] + options.epsilon) / sqrt(squares + options.epsilon) * leaf.update;
                        return leaf.with(update, {squares, moved(leaf.slots[1], options.decay, square(update))});
                    });
}

GradientTransform adadelta(const Schedule& learning_rate, const AdadeltaOptions& options) {
    return named("adadelta", chain(scale_by_adadelta(options), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
