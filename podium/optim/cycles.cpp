#include "podium/optim/cycles.h"

#include <algorithm>
#include <limits>
#include <numbers>

namespace podium::optim {
namespace {

void expect_factors(std::string_view schedule, const Milestones& milestones) {
    for (const auto& [step, factor] : milestones)
        if (step < 0 || !(factor >= 0.0))
            fail(Code::INVALID_ARGUMENT, "{}: at step {} a factor of {}; give neither below 0", schedule, step, factor);
}

void expect_line_or_cosine(std::string_view schedule, DecayShape shape) {
    if (shape == DecayShape::SQRT)
        fail(Code::INVALID_ARGUMENT, "{}: the shape sqrt is of warmup_stable_decay; give linear or cosine", schedule);
}

/// Returns the way from `start` to `end`, of which `share` (0 to 1) is done.
Tensor between(DecayShape shape, double start, double end, const Tensor& share) {
    if (shape == DecayShape::LINEAR) return (end - start) * share + start;
    return end + (start - end) / 2.0 * (cos(std::numbers::pi * share) + 1.0);
}

/// A value that a schedule has at a step, which need not be whole.
struct Point {
    double step, value;
};
/// Returns the way through the points, and the last one's value from there.
Schedule through(std::vector<Point> points, DecayShape shape) {
    return [=, points = std::move(points)](const Tensor& step) {
        Tensor value = scalar_of(step.type(), points.back().value);
        for (std::size_t i = points.size() - 1; i > 0; --i) {
            const auto &from = points[i - 1], &to = points[i];
            const Tensor share = (step - from.step) / std::max(to.step - from.step, 1.0);
            value = select(step < to.step, between(shape, from.value, to.value, share), value);
        }
        return value;
    };
}

}  // namespace

Schedule piecewise_constant(double initial, Milestones milestones) {
    expect_factors("piecewise_constant", milestones);
    std::ranges::sort(milestones);
    return [=, milestones = std::move(milestones)](const Tensor& step) {
        Tensor value = scalar_of(step.type(), initial);
        double now = initial;
        for (const auto& [first, factor] : milestones) value = select(step < first, value, now *= factor);
        return value;
    };
}

Schedule piecewise_interpolated(double initial, Milestones milestones, DecayShape shape) {
    expect_factors("piecewise_interpolated", milestones);
    expect_line_or_cosine("piecewise_interpolated", shape);
    std::ranges::sort(milestones);
    std::vector<Point> points{{0.0, initial}};
    for (const auto& [step, factor] : milestones)
        points.push_back({static_cast<double>(step), points.back().value * factor});
    return through(std::move(points), shape);
}

Schedule one_cycle(const OneCycleOptions& options) {
    const auto [peak, total, shape, rise, fall, divisor, last_divisor] = options;
    expect_positive("one_cycle", total);
    const auto at = [steps = static_cast<double>(total)](double share) {
        return static_cast<std::int64_t>(share * steps);
    };
    const double first = peak / divisor;
    if (shape == DecayShape::LINEAR)
        return piecewise_interpolated(
            first, {{at(rise), divisor}, {at(fall), 1.0 / divisor}, {total, 1.0 / last_divisor}}, shape);
    return piecewise_interpolated(first, {{at(rise), divisor}, {total, 1.0 / (divisor * last_divisor)}}, shape);
}

Schedule one_cycle_lr(const OneCycleOptions& options, bool three_phases) {
    const auto [peak, total, shape, rise, fall, divisor, last_divisor] = options;
    expect_positive("one_cycle_lr", total);
    expect_line_or_cosine("one_cycle_lr", shape);
    const double first = peak / divisor, last = first / last_divisor;
    const double up = rise * static_cast<double>(total) - 1.0, end = static_cast<double>(total - 1);
    if (three_phases) return through({{0.0, first}, {up, peak}, {2.0 * up, first}, {end, last}}, shape);
    return through({{0.0, first}, {up, peak}, {end, last}}, shape);
}

Schedule cosine_annealing(double initial, std::int64_t steps, double end) {
    expect_positive("cosine_annealing", steps);
    return [=](const Tensor& step) { return between(DecayShape::COSINE, initial, end, step / steps); };
}

Schedule cosine_restarts(double initial, std::int64_t steps, std::int64_t growth, double end) {
    expect_positive("cosine_restarts", steps);
    if (growth < 1) fail(Code::INVALID_ARGUMENT, "cosine_restarts: growth is {}; give at least 1", growth);
    if (growth == 1)
        return [=](const Tensor& step) {
            return between(DecayShape::COSINE, initial, end, remainder(step, steps) / steps);
        };
    return [=](const Tensor& step) {
        Tensor share = step / steps;
        std::int64_t begin = steps, length = steps * growth;  // of the next cycle
        for (; begin < std::numeric_limits<std::int32_t>::max(); begin += length, length *= growth)
            share = select(step < begin, share, (step - begin) / length);
        return between(DecayShape::COSINE, initial, end, share);
    };
}

Schedule cyclic(const CyclicOptions& options) {
    expect_positive("cyclic", options.up_steps);
    expect_positive("cyclic", options.down_steps);
    return [=](const Tensor& step) {
        const std::int64_t period = options.up_steps + options.down_steps;
        const Tensor within = remainder(step, period), cycle = round((step - within) / period);
        const Tensor share = select(within <= options.up_steps, within / options.up_steps,
                                    (static_cast<double>(period) - within) / options.down_steps);
        const Tensor height = (options.high - options.low) * share;
        switch (options.height) {
            case CycleHeight::SAME: return options.low + height;
            case CycleHeight::HALVED: return options.low + height * power(0.5, cycle);
            case CycleHeight::EXPONENTIAL: return options.low + height * power(options.rate, step);
        }
        fail(Code::INVALID_ARGUMENT, "cyclic: {} is no height", static_cast<int>(options.height));
    };
}

}  // namespace podium::optim
