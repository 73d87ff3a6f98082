#pragma once

#include "podium/optim/optimizers.h"

namespace podium::train {

/// The learning rate of each step, for the log; computed on the host.
class LearningRates {
public:
    explicit LearningRates(const optim::OptimizerOptions& options)
        : schedule_(optim::make_schedule(options)), accumulate_(options.accumulate) {}
    /// Returns the rate that step `step` (from 1) was made with.
    double at(std::int64_t step) const;

private:
    optim::Schedule schedule_;
    std::int64_t accumulate_;
};

}  // namespace podium::train
