#include "podium/optim/warmup.h"

#include <cmath>

namespace podium::optim {
namespace {

/// Returns `after` behind a line up to `peak`.
Schedule warmed_up(double init, double peak, std::int64_t warmup_steps, const Schedule& after) {
    if (warmup_steps == 0) return after;
    return join_schedules({linear(init, peak, warmup_steps), after}, {warmup_steps});
}

Schedule one_minus_sqrt(double initial, double end, std::int64_t steps) {
    return [=](const Tensor& step) { return initial + (end - initial) * sqrt(clamp(0, step, steps) / steps); };
}

Schedule way_down(DecayShape shape, double initial, double end, std::int64_t steps) {
    switch (shape) {
        case DecayShape::LINEAR: return linear(initial, end, steps);
        case DecayShape::COSINE: return cosine(initial, steps, end);
        case DecayShape::SQRT: return one_minus_sqrt(initial, end, steps);
    }
    fail(Code::INVALID_ARGUMENT, "warmup_stable_decay: {} is no shape", static_cast<int>(shape));
}

void expect_rest(std::string_view schedule, std::int64_t warmup, std::int64_t total) {
    if (warmup < 0 || total <= warmup)
        fail(Code::INVALID_ARGUMENT, "{}: {} steps in all leave none after a warmup of {}; raise total_steps", schedule,
             total, warmup);
}

}  // namespace

Schedule warmup_cosine(const WarmupCosineOptions& options) {
    const auto [peak, warmup, total, end, init, power] = options;
    expect_rest("warmup_cosine", warmup, total);
    return warmed_up(init, peak, warmup, cosine(peak, total - warmup, end, power));
}

Schedule sgdr(const std::vector<WarmupCosineOptions>& cycles) {
    if (cycles.empty()) fail(Code::INVALID_ARGUMENT, "sgdr: no cycle was given; it needs at least one");
    std::vector<Schedule> schedules;
    std::vector<std::int64_t> boundaries;
    std::int64_t total = 0;
    for (const auto& cycle : cycles) {
        schedules.push_back(warmup_cosine(cycle));
        boundaries.push_back(total += cycle.total_steps);
    }
    boundaries.pop_back();
    return join_schedules(std::move(schedules), std::move(boundaries));
}

Schedule warmup_constant(double init, double peak, std::int64_t warmup_steps) {
    return linear(init, peak, warmup_steps);
}

Schedule exponential(double initial, const ExponentialOptions& options) {
    const auto [steps, rate, begin, staircase, end] = options;
    expect_positive("exponential", steps);
    if (!(rate > 0.0)) fail(Code::INVALID_ARGUMENT, "exponential: the rate is {}; it must be above 0", rate);
    return [=, steps = steps, rate = rate, begin = begin, staircase = staircase, end = end](const Tensor& step) {
        const Tensor count = maximum(step - begin, 0), factors = count / steps;
        Tensor value = initial * power(rate, staircase ? floor(factors) : factors);
        if (!end) return value;
        return rate < 1.0 ? maximum(value, *end) : minimum(value, *end);
    };
}

Schedule warmup_exponential(double init, double peak, std::int64_t warmup_steps, const ExponentialOptions& options) {
    return warmed_up(init, peak, warmup_steps, exponential(peak, options));
}

Schedule warmup_stable_decay(const WarmupStableDecayOptions& options) {
    const auto [peak, warmup, decay, total, end, init, shape] = options;
    expect_positive("warmup_stable_decay", decay);
    if (warmup < 0 || total < warmup + decay)
        fail(Code::INVALID_ARGUMENT,
             "warmup_stable_decay: {} steps in all are less than a warmup of {} and a decay of {}; raise total_steps",
             total, warmup, decay);
    const Schedule down = way_down(shape, peak, end, decay);
    return warmed_up(init, peak, warmup, join_schedules({peak, down}, {total - decay - warmup}));
}

Schedule inverse_sqrt(double init, double peak, std::int64_t warmup_steps) {
    expect_positive("inverse_sqrt", warmup_steps);
    const Schedule rise = linear(init, peak, warmup_steps);
    return [=](const Tensor& step) {
        return select(step < warmup_steps, rise.at(step),
                      peak * std::sqrt(static_cast<double>(warmup_steps)) * rsqrt(maximum(step, warmup_steps)));
    };
}

}  // namespace podium::optim
