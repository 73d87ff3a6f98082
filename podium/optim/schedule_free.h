#pragma once

#include "podium/optim/scaling.h"

namespace podium::optim {

struct ScheduleFreeOptions {
    double beta1 = 0.9;         ///< how close gradients are taken to the average
    double weight_power = 2.0;  ///< of the greatest learning rate, by which steps weigh in the average
};

/// Returns the transform whose parameters lie between those that `base` moves and their average, which takes a
/// schedule's place. State: "weight_sum", "count" (from 1 on), "greatest_rate", "base.…", "target.…".
GradientTransform schedule_free(const GradientTransform& base, const Schedule& learning_rate,
                                const ScheduleFreeOptions& options = {});
/// Returns the average: what to evaluate and to keep. Source: optax, schedule_free_eval_params.
Tree schedule_free_average(const Tree& state, const Tree& parameters, double beta1 = 0.9);

struct ScheduleFreeSgdOptions {
    double beta1 = 0.9;
    double weight_decay = 0.0;  ///< added to the gradients
};
GradientTransform schedule_free_sgd(const Schedule& learning_rate, const ScheduleFreeSgdOptions& options = {});

struct ScheduleFreeAdamwOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.0;  ///< decoupled
};
GradientTransform schedule_free_adamw(const Schedule& learning_rate, const ScheduleFreeAdamwOptions& options = {});

}  // namespace podium::optim
