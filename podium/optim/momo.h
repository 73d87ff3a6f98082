#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct MomoOptions {
    double momentum = 0.9;           ///< decay of the first moment, of the losses' and of the products' means
    double lower_bound = 0.0;        ///< of the loss
    bool adapt_lower_bound = false;  ///< whether the bound rises to what the steps show
    double weight_decay = 0.0;       ///< decoupled, of every parameter
};
/// Momentum whose step is as long as a model of the loss allows. The learning rate is the greatest one, 1 the method's
/// own. Needs the loss's value.
GradientTransform momo(const Schedule& learning_rate, const MomoOptions& options = {});

struct MomoAdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double lower_bound = 0.0;        ///< of the loss
    bool adapt_lower_bound = false;  ///< whether the bound rises to what the steps show
    double weight_decay = 0.0;       ///< decoupled, of every parameter
};
/// Adam likewise; 1e-2 is the method's own learning rate.
GradientTransform momo_adam(const Schedule& learning_rate, const MomoAdamOptions& options = {});

}  // namespace podium::optim
