#include "podium/optim/lars.h"

#include "podium/optim/trust_ratio.h"

namespace podium::optim {

/// Momentum of updates that are scaled by trust ratios. Source: You, Gitman and Ginsburg 2017, arXiv:1708.03888; optax,
/// lars.
GradientTransform lars(const Schedule& learning_rate, const LarsOptions& options) {
    const TrustRatioOptions ratio{.coefficient = options.trust_coefficient, .epsilon = options.epsilon};
    return named("lars", chain(add_decayed_weights(options.weight_decay), scale_by_trust_ratio(ratio),
                               scale_by_learning_rate(learning_rate), trace(options.momentum, options.nesterov)));
}

}  // namespace podium::optim
