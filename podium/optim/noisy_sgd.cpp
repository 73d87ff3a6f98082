#include "podium/optim/noisy_sgd.h"

#include "podium/optim/normalizing.h"

namespace podium::optim {

GradientTransform noisy_sgd(const Schedule& learning_rate, const NoisySgdOptions& options) {
    return named("noisy_sgd",
                 chain(add_noise(options.eta, options.gamma, options.seed), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
