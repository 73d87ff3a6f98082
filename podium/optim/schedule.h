#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>

#include "podium/ir/ops.h"

namespace podium::optim {

/// A number for each step: a constant, or a function of the step count.
class Schedule {
public:
    using Function = std::function<Tensor(const Tensor& step)>;

    Schedule(double constant) : constant_(constant) {}
    /// `f` maps the number of steps done (f32[] or f64[]) to a scalar of the same type.
    template <class F>
        requires std::is_invocable_r_v<Tensor, F, const Tensor&>
    Schedule(F f) : function_(std::move(f)) {}

    /// Returns the value, if it is the same at every step.
    std::optional<double> constant() const { return constant_; }
    /// Returns the value after `count` (i32[]) steps as a scalar of `type`, f32 or f64.
    Tensor operator()(const Tensor& count, DataType type = DataType::FLOAT32) const;
    /// Returns the schedule times -1.
    Schedule negated() const;

private:
    std::optional<double> constant_;
    Function function_;
};

/// Returns the straight line from `initial` to `end` over `steps`, then `end`. Source: optax, linear_schedule.
Schedule linear(double initial, double end, std::int64_t steps);
/// Returns half a cosine from `initial` to `end` over `steps`, then `end`. Source: optax, cosine_decay_schedule, where
/// alpha = end / initial.
Schedule cosine(double initial, std::int64_t steps, double end = 0.0);

struct WarmupCosineOptions {
    double peak = 1e-3;
    std::int64_t warmup_steps = 0;
    std::int64_t total_steps = 1;  ///< with the warmup
    double end = 0.0;
    double init = 0.0;
};
/// Returns the line from `init` to `peak`, then half a cosine to `end`. Source: optax, warmup_cosine_decay_schedule.
Schedule warmup_cosine(const WarmupCosineOptions& options);

}  // namespace podium::optim
