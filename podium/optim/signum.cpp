#include "podium/optim/signum.h"

#include "podium/optim/moments.h"
#include "podium/optim/sign_sgd.h"

namespace podium::optim {

/// Source: Bernstein et al. 2018, arXiv:1802.04434, algorithm 2; optax, signum.
GradientTransform signum(const Schedule& learning_rate, const SignumOptions& options) {
    return named("signum",
                 chain(moving_average(options.beta1), scale_by_sign(), scale_by_learning_rate(learning_rate)));
}

}  // namespace podium::optim
