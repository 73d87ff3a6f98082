#include "podium/optim/schedule.h"

#include <numbers>

namespace podium::optim {
namespace {

Tensor linear_at(const Tensor& step, double initial, double end, std::int64_t steps) {
    const Tensor remaining = 1.0 - clamp(0, step, steps) / steps;
    return (initial - end) * remaining + end;
}

Tensor cosine_at(const Tensor& step, double initial, double end, std::int64_t steps) {
    const double alpha = initial == 0.0 ? 0.0 : end / initial;
    const Tensor decay = 0.5 * (1.0 + cos(std::numbers::pi * minimum(step, steps) / steps));
    return initial * ((1.0 - alpha) * decay + alpha);
}

void expect_positive(const char* schedule, std::int64_t steps) {
    if (steps <= 0) fail(Code::INVALID_ARGUMENT, "{}: {} steps were asked for; it needs at least one", schedule, steps);
}

}  // namespace

Tensor Schedule::operator()(const Tensor& count, DataType type) const {
    return constant_ ? scalar_of(type, *constant_) : function_(convert(count, type));
}

Schedule Schedule::negated() const {
    if (constant_) return -*constant_;
    return [f = function_](const Tensor& step) { return -1.0 * f(step); };
}

Schedule linear(double initial, double end, std::int64_t steps) {
    expect_positive("linear", steps);
    return [=](const Tensor& step) { return linear_at(step, initial, end, steps); };
}

Schedule cosine(double initial, std::int64_t steps, double end) {
    expect_positive("cosine", steps);
    return [=](const Tensor& step) { return cosine_at(step, initial, end, steps); };
}

Schedule warmup_cosine(const WarmupCosineOptions& options) {
    const auto [peak, warmup, total, end, init] = options;
    if (warmup < 0 || total <= warmup)
        fail(Code::INVALID_ARGUMENT,
             "warmup_cosine: {} steps in all leave none after a warmup of {}; raise total_steps", total, warmup);
    if (warmup == 0) return cosine(peak, total, end);
    return [=, peak = peak, warmup = warmup, decay = total - warmup, end = end, init = init](const Tensor& step) {
        return select(step < warmup, linear_at(step, init, peak, warmup), cosine_at(step - warmup, peak, end, decay));
    };
}

}  // namespace podium::optim
