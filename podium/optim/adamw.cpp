#include "podium/optim/adamw.h"

namespace podium::optim {

/// AdamW. Source: Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2; optax, adamw.
///   u = -learning_rate * (adam(g) + weight_decay * p)
GradientTransform adamw(const Schedule& learning_rate, const AdamwOptions& options) {
    return named("adamw",
                 chain(scale_by_adam({.beta1 = options.beta1,
                                      .beta2 = options.beta2,
                                      .epsilon = options.epsilon,
                                      .epsilon_root = options.epsilon_root}),
                       add_decayed_weights(options.weight_decay, options.mask), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
