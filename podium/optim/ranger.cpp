#include "podium/optim/ranger.h"

#include "podium/optim/radam.h"

namespace podium::optim {

GradientTransform ranger(const Schedule& learning_rate, const RangerOptions& options) {
    return named(
        "ranger",
        lookahead(chain(scale_by_radam({options.beta1, options.beta2, options.epsilon, options.threshold}),
                        add_decayed_weights(options.weight_decay, options.mask), scale_by_learning_rate(learning_rate)),
                  options.lookahead));
}

}  // namespace podium::optim
