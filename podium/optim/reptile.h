#pragma once

#include "podium/optim/lookahead.h"
#include "podium/optim/scaling.h"

namespace podium::optim {

struct ReptileOptions {
    std::int64_t every = 5;  ///< steps on one task
    double step = 0.1;       ///< share of the way to the task's parameters that the start goes
};

/// Reptile: from its start, sgd takes `every` steps on a task, whose samples the next `every` batches are; then the
/// start goes a part of the way, and the next task begins there. State: as lookahead's, "slow.PARAMETER" being the
/// start. Source: Nichol, Achiam and Schulman 2018, arXiv:1803.02999, algorithm 1, which is lookahead with a task for
/// each of its rounds.
GradientTransform reptile(const Schedule& learning_rate, const ReptileOptions& options = {});

}  // namespace podium::optim
