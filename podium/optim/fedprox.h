#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct FedproxOptions {
    double mu = 0.01;        ///< of the proximal term
    std::int64_t every = 0;  ///< updates of a round, after which the global parameters are the present ones; 0: never
    double momentum = 0.0;   ///< sgd's; 0 keeps no state
    bool nesterov = false;
};

/// Returns updates + mu * (p - w), the gradient of the loss and mu / 2 |p - w|^2: w are the global parameters, those
/// that the round began with. A round of one's own begins with `init` of the parameters that the server sent; `every`
/// begins them in one program. State: "count", "global.PARAMETER".
GradientTransform add_proximal_term(double mu, std::int64_t every = 0);
/// Sgd that stays near the global parameters: a client's part of federated learning.
GradientTransform fedprox(const Schedule& learning_rate, const FedproxOptions& options = {});

}  // namespace podium::optim
