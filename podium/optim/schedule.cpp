#include "podium/optim/schedule.h"

#include <algorithm>
#include <numbers>

namespace podium::optim {
namespace {

/// Returns 1 at 0 and 0 at `steps`, with the line between.
Tensor remaining(const Tensor& step, std::int64_t steps) { return 1.0 - clamp(0, step, steps) / steps; }

Tensor to_the(const Tensor& x, double power) { return power == 1.0 ? x : podium::power(x, power); }

}  // namespace

Tensor Schedule::operator()(const Tensor& count, DataType type) const {
    return constant_ ? scalar_of(type, *constant_) : function_(convert(count, type));
}

Tensor Schedule::at(const Tensor& step) const {
    return constant_ ? scalar_of(step.type(), *constant_) : function_(step);
}

Schedule Schedule::times(double factor) const {
    if (constant_) return factor * *constant_;
    return [factor, f = function_](const Tensor& step) { return factor * f(step); };
}

void expect_positive(std::string_view schedule, std::int64_t steps) {
    if (steps <= 0) fail(Code::INVALID_ARGUMENT, "{}: {} steps were asked for; it needs at least one", schedule, steps);
}

Schedule linear(double initial, double end, std::int64_t steps) {
    expect_positive("linear", steps);
    return [=](const Tensor& step) { return (initial - end) * remaining(step, steps) + end; };
}

Schedule polynomial(double initial, double end, std::int64_t steps, double power) {
    expect_positive("polynomial", steps);
    return [=](const Tensor& step) { return (initial - end) * to_the(remaining(step, steps), power) + end; };
}

Schedule cosine(double initial, std::int64_t steps, double end, double power) {
    expect_positive("cosine", steps);
    return [=](const Tensor& step) {
        const double alpha = initial == 0.0 ? 0.0 : end / initial;
        const Tensor decay = 0.5 * (1.0 + cos(std::numbers::pi * minimum(step, steps) / steps));
        return initial * ((1.0 - alpha) * to_the(decay, power) + alpha);
    };
}

Schedule join_schedules(std::vector<Schedule> schedules, std::vector<std::int64_t> boundaries) {
    if (schedules.size() != boundaries.size() + 1)
        fail(Code::INVALID_ARGUMENT,
             "join_schedules: {} schedules have {} boundaries between them; give one less than schedules",
             schedules.size(), boundaries.size());
    if (!std::ranges::is_sorted(boundaries))
        fail(Code::INVALID_ARGUMENT, "join_schedules: the boundaries [{}] do not ascend", fmt::join(boundaries, ", "));
    return [schedules = std::move(schedules), boundaries = std::move(boundaries)](const Tensor& step) {
        Tensor value = schedules[0].at(step);
        for (std::size_t i = 0; i < boundaries.size(); ++i)
            value = select(step < boundaries[i], value, schedules[i + 1].at(step - boundaries[i]));
        return value;
    };
}

Schedule times(Schedule first, Schedule second) {
    return [first = std::move(first), second = std::move(second)](const Tensor& step) {
        return first.at(step) * second.at(step);
    };
}

}  // namespace podium::optim
