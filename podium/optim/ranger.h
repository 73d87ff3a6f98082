#pragma once

#include "podium/optim/lookahead.h"
#include "podium/optim/scaling.h"

namespace podium::optim {

struct RangerOptions {
    double beta1 = 0.95;
    double beta2 = 0.999;
    double epsilon = 1e-5;
    double threshold = 5.0;     ///< of RAdam's degrees of freedom
    double weight_decay = 0.0;  ///< decoupled
    Mask mask = {};             ///< what decays
    LookaheadOptions lookahead = {};
};

/// RAdam under lookahead, whose slow parameters are the ones to judge a model by. Later versions also take gradients'
/// means off: `centralize` in front, in a config `optimizer.centralize`. Source: Wright 2019, "Ranger"
/// (github.com/lessw2020/Ranger-Deep-Learning-Optimizer); optax, radam and lookahead, whose epsilon is added to the
/// corrected second moment.
GradientTransform ranger(const Schedule& learning_rate, const RangerOptions& options = {});

}  // namespace podium::optim
