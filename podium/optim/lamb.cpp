#include "podium/optim/lamb.h"

#include "podium/optim/adam.h"
#include "podium/optim/trust_ratio.h"

namespace podium::optim {

/// Adam with decayed weights, scaled by trust ratios. Source: You et al. 2020, arXiv:1904.00962; optax, lamb.
GradientTransform lamb(const Schedule& learning_rate, const LambOptions& options) {
    return named("lamb", chain(scale_by_adam({options.beta1, options.beta2, options.epsilon}),
                               add_decayed_weights(options.weight_decay, options.mask), scale_by_trust_ratio(),
                               scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
