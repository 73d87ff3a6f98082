#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

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
    /// Returns the value after `step` steps (f32[] or f64[], also between two steps) as a scalar of that type.
    Tensor at(const Tensor& step) const;
    /// Returns the schedule times -1.
    Schedule negated() const { return times(-1.0); }
    /// Returns the schedule times a number.
    Schedule times(double factor) const;

private:
    std::optional<double> constant_;
    Function function_;
};

/// Returns the straight line from `initial` to `end` over `steps`, then `end`. Source: optax, linear_schedule.
Schedule linear(double initial, double end, std::int64_t steps);
/// Returns initial + (end − initial) · (1 − (1 − step / steps)^power), then `end`. Source: optax, polynomial_schedule.
Schedule polynomial(double initial, double end, std::int64_t steps, double power);
/// Returns half a cosine from `initial` to `end` over `steps`, then `end`; the cosine to a power, where one is given.
/// Source: optax, cosine_decay_schedule, where alpha = end / initial.
Schedule cosine(double initial, std::int64_t steps, double end = 0.0, double power = 1.0);

/// Returns each schedule from its boundary on (the first from 0), with the steps since then. Boundaries ascend; there
/// is one less than schedules. Source: optax, join_schedules; PyTorch, SequentialLR.
Schedule join_schedules(std::vector<Schedule> schedules, std::vector<std::int64_t> boundaries);
/// Returns the product of schedules. Source: PyTorch, ChainedScheduler.
Schedule times(Schedule first, Schedule second);

/// Throws INVALID_ARGUMENT unless a schedule has at least one step.
void expect_positive(std::string_view schedule, std::int64_t steps);

}  // namespace podium::optim
