#pragma once

#include "podium/optim/gradient_transform.h"

namespace podium::optim {

struct LookaheadOptions {
    std::int64_t every = 6;    ///< steps of the inner optimizer between two of the slow parameters
    double step = 0.5;         ///< share of the way that these go
    bool reset_state = false;  ///< whether the inner optimizer begins again then
};
/// Lets `inner` run ahead, then goes a part of its way and starts it there. State: "inner", "count": i32[], and
/// "slow.PARAMETER", the parameters to judge a model by. Source: Zhang et al. 2019, arXiv:1907.08610, algorithm 1;
/// optax, lookahead.
GradientTransform lookahead(const GradientTransform& inner, const LookaheadOptions& options = {});

}  // namespace podium::optim
