#include "podium/optim/schedules.h"

#include "podium/base/named_enum.h"
#include "podium/optim/cycles.h"
#include "podium/optim/optimizers.h"

namespace podium::optim {
namespace {

constexpr std::int64_t DECAY_SHARE = 10;      // one in so many steps is warmup_stable_decay's way down
constexpr std::size_t GREATEST_CYCLES = 200;  // of sgdr, each of which is in the program
constexpr double CYCLE_DIVISOR = 25.0;        // optax's and PyTorch's

std::int64_t steps_or(const OptimizerOptions& options, std::int64_t otherwise) {
    return options.curve.steps > 0 ? options.curve.steps : otherwise;
}

WarmupCosineOptions warmup_cosine_of(const OptimizerOptions& options) {
    return {.peak = options.learning_rate,
            .warmup_steps = options.warmup_steps,
            .total_steps = options.total_steps,
            .end = options.end_learning_rate,
            .init = options.curve.start,
            .power = options.curve.power};
}

ExponentialOptions exponential_of(const OptimizerOptions& options) {
    ExponentialOptions made{.steps = steps_or(options, std::max<std::int64_t>(1, options.total_steps)),
                            .rate = options.curve.rate,
                            .staircase = options.curve.staircase};
    if (options.end_learning_rate > 0.0) made.end = options.end_learning_rate;
    return made;
}

Milestones milestones_of(const OptimizerOptions& options) {
    const auto& boundaries = options.curve.boundaries;
    const auto& factors = options.curve.factors;
    if (boundaries.empty() || boundaries.size() != factors.size())
        fail(Code::INVALID_ARGUMENT,
             "optimizer: curve.boundaries has {} numbers and curve.factors {}; give each boundary a factor",
             boundaries.size(), factors.size());
    Milestones made;
    for (std::size_t i = 0; i < factors.size(); ++i) made.emplace_back(boundaries[i], factors[i]);
    return made;
}

OneCycleOptions one_cycle_of(const OptimizerOptions& options) {
    const double peak = options.learning_rate, start = options.curve.start, end = options.end_learning_rate;
    OneCycleOptions made{.peak = peak,
                         .total_steps = options.total_steps,
                         .shape = options.curve.shape,
                         .rise = options.curve.rise,
                         .divisor = start > 0.0 ? peak / start : CYCLE_DIVISOR};
    if (end > 0.0) made.last_divisor = peak / made.divisor / end;
    return made;
}

/// Returns cycles of `curve.steps`, each `curve.growth` times as long as the one before, as many as total_steps takes.
std::vector<WarmupCosineOptions> cycles_of(const OptimizerOptions& options) {
    WarmupCosineOptions cycle = warmup_cosine_of(options);
    cycle.total_steps = steps_or(options, options.total_steps);
    expect_positive("sgdr", cycle.total_steps);
    if (options.curve.growth < 1)
        fail(Code::INVALID_ARGUMENT, "sgdr: curve.growth is {}; give at least 1", options.curve.growth);
    std::vector<WarmupCosineOptions> made;
    for (std::int64_t begin = 0; made.empty() || begin < options.total_steps;
         cycle.total_steps *= options.curve.growth) {
        made.push_back(cycle);
        begin += cycle.total_steps;
        if (made.size() > GREATEST_CYCLES)
            fail(Code::INVALID_ARGUMENT, "sgdr: {} steps are more than {} cycles of {}; raise curve.steps",
                 options.total_steps, GREATEST_CYCLES, made.front().total_steps);
    }
    return made;
}

constexpr std::array ROWS{
    ScheduleRow{ScheduleKind::CONSTANT, "optax, constant_schedule", "",
                [](const OptimizerOptions& o) { return Schedule(o.learning_rate); }},
    ScheduleRow{ScheduleKind::LINEAR, "optax, linear_schedule; PyTorch, LinearLR", "total_steps, end_learning_rate",
                [](const OptimizerOptions& o) { return linear(o.learning_rate, o.end_learning_rate, o.total_steps); }},
    ScheduleRow{ScheduleKind::COSINE, "optax, cosine_decay_schedule", "total_steps, end_learning_rate, curve.power",
                [](const OptimizerOptions& o) {
                    return cosine(o.learning_rate, o.total_steps, o.end_learning_rate, o.curve.power);
                }},
    ScheduleRow{ScheduleKind::WARMUP_COSINE, "optax, warmup_cosine_decay_schedule",
                "warmup_steps, total_steps, end_learning_rate, curve.start, curve.power",
                [](const OptimizerOptions& o) { return warmup_cosine(warmup_cosine_of(o)); }},
    ScheduleRow{
        ScheduleKind::WARMUP_CONSTANT, "optax, warmup_constant_schedule", "warmup_steps, curve.start",
        [](const OptimizerOptions& o) { return warmup_constant(o.curve.start, o.learning_rate, o.warmup_steps); }},
    ScheduleRow{ScheduleKind::WARMUP_STABLE_DECAY, "Hu et al. 2024, arXiv:2404.06395",
                "warmup_steps, total_steps, end_learning_rate, curve.start, curve.steps (a tenth), curve.shape",
                [](const OptimizerOptions& o) {
                    const auto tenth = std::max<std::int64_t>(1, o.total_steps / DECAY_SHARE);
                    return warmup_stable_decay({.peak = o.learning_rate,
                                                .warmup_steps = o.warmup_steps,
                                                .decay_steps = steps_or(o, tenth),
                                                .total_steps = o.total_steps,
                                                .end = o.end_learning_rate,
                                                .init = o.curve.start,
                                                .shape = o.curve.shape});
                }},
    ScheduleRow{ScheduleKind::WARMUP_EXPONENTIAL, "optax, warmup_exponential_decay_schedule",
                "warmup_steps, end_learning_rate, curve.start, curve.steps (total_steps), curve.rate, curve.staircase",
                [](const OptimizerOptions& o) {
                    return warmup_exponential(o.curve.start, o.learning_rate, o.warmup_steps, exponential_of(o));
                }},
    ScheduleRow{ScheduleKind::INVERSE_SQRT, "Vaswani et al. 2017, arXiv:1706.03762, section 5.3",
                "warmup_steps, curve.start",
                [](const OptimizerOptions& o) { return inverse_sqrt(o.curve.start, o.learning_rate, o.warmup_steps); }},
    ScheduleRow{ScheduleKind::POLYNOMIAL, "optax, polynomial_schedule; PyTorch, PolynomialLR",
                "total_steps, end_learning_rate, curve.power",
                [](const OptimizerOptions& o) {
                    return polynomial(o.learning_rate, o.end_learning_rate, o.total_steps, o.curve.power);
                }},
    ScheduleRow{ScheduleKind::EXPONENTIAL, "optax, exponential_decay; PyTorch, ExponentialLR and StepLR",
                "end_learning_rate, curve.steps (total_steps), curve.rate, curve.staircase",
                [](const OptimizerOptions& o) { return exponential(o.learning_rate, exponential_of(o)); }},
    ScheduleRow{ScheduleKind::PIECEWISE_CONSTANT, "optax, piecewise_constant_schedule; PyTorch, MultiStepLR",
                "curve.boundaries, curve.factors",
                [](const OptimizerOptions& o) { return piecewise_constant(o.learning_rate, milestones_of(o)); }},
    ScheduleRow{ScheduleKind::PIECEWISE_INTERPOLATED, "optax, piecewise_interpolate_schedule",
                "curve.boundaries, curve.factors, curve.shape",
                [](const OptimizerOptions& o) {
                    return piecewise_interpolated(o.learning_rate, milestones_of(o), o.curve.shape);
                }},
    ScheduleRow{ScheduleKind::ONE_CYCLE, "optax, cosine_onecycle_schedule and linear_onecycle_schedule",
                "total_steps, end_learning_rate, curve.start, curve.rise, curve.shape",
                [](const OptimizerOptions& o) { return one_cycle(one_cycle_of(o)); }},
    ScheduleRow{ScheduleKind::ONE_CYCLE_LR, "PyTorch, OneCycleLR",
                "total_steps, end_learning_rate, curve.start, curve.rise, curve.shape",
                [](const OptimizerOptions& o) { return one_cycle_lr(one_cycle_of(o)); }},
    ScheduleRow{ScheduleKind::SGDR, "Loshchilov and Hutter 2017, arXiv:1608.03983; optax, sgdr_schedule",
                "warmup_steps (of each cycle), total_steps, end_learning_rate, curve.start, curve.steps (of the first "
                "cycle), curve.growth, curve.power",
                [](const OptimizerOptions& o) { return sgdr(cycles_of(o)); }},
    ScheduleRow{ScheduleKind::COSINE_ANNEALING, "PyTorch, CosineAnnealingLR",
                "end_learning_rate, curve.steps (total_steps)",
                [](const OptimizerOptions& o) {
                    return cosine_annealing(o.learning_rate, steps_or(o, o.total_steps), o.end_learning_rate);
                }},
    ScheduleRow{ScheduleKind::COSINE_RESTARTS, "PyTorch, CosineAnnealingWarmRestarts",
                "end_learning_rate, curve.steps (total_steps), curve.growth",
                [](const OptimizerOptions& o) {
                    return cosine_restarts(o.learning_rate, steps_or(o, o.total_steps), o.curve.growth,
                                           o.end_learning_rate);
                }},
    ScheduleRow{ScheduleKind::CYCLIC, "PyTorch, CyclicLR", "curve.start, curve.steps (total_steps), curve.rise",
                [](const OptimizerOptions& o) {
                    const auto period = steps_or(o, o.total_steps);
                    const auto up = static_cast<std::int64_t>(o.curve.rise * static_cast<double>(period));
                    return cyclic(
                        {.low = o.curve.start, .high = o.learning_rate, .up_steps = up, .down_steps = period - up});
                }},
};

}  // namespace

std::span<const ScheduleRow> schedules() { return ROWS; }

std::string_view name(ScheduleKind kind) {
    if (const auto text = find_name(kind)) return *text;
    fail(Code::INVALID_ARGUMENT, "optimizer: {} is no schedule", static_cast<int>(kind));
}

Schedule make_schedule(const OptimizerOptions& options) {
    for (const auto& row : ROWS)
        if (row.kind == options.schedule) return row.make(options);
    fail(Code::INVALID_ARGUMENT, "optimizer: {} is no schedule", static_cast<int>(options.schedule));
}

}  // namespace podium::optim
