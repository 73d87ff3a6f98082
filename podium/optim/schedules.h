#pragma once

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "podium/optim/warmup.h"

namespace podium::optim {

enum class ScheduleKind {
    CONSTANT,
    LINEAR,
    COSINE,
    WARMUP_COSINE,
    WARMUP_CONSTANT,
    WARMUP_STABLE_DECAY,
    WARMUP_EXPONENTIAL,
    INVERSE_SQRT,
    POLYNOMIAL,
    EXPONENTIAL,
    PIECEWISE_CONSTANT,
    PIECEWISE_INTERPOLATED,
    ONE_CYCLE,
    ONE_CYCLE_LR,
    SGDR,
    COSINE_ANNEALING,
    COSINE_RESTARTS,
    CYCLIC
};
constexpr auto enum_names(ScheduleKind) {
    using Row = std::pair<ScheduleKind, std::string_view>;
    return std::array{Row{ScheduleKind::CONSTANT, "constant"},
                      Row{ScheduleKind::LINEAR, "linear"},
                      Row{ScheduleKind::COSINE, "cosine"},
                      Row{ScheduleKind::WARMUP_COSINE, "warmup_cosine"},
                      Row{ScheduleKind::WARMUP_CONSTANT, "warmup_constant"},
                      Row{ScheduleKind::WARMUP_STABLE_DECAY, "warmup_stable_decay"},
                      Row{ScheduleKind::WARMUP_EXPONENTIAL, "warmup_exponential"},
                      Row{ScheduleKind::INVERSE_SQRT, "inverse_sqrt"},
                      Row{ScheduleKind::POLYNOMIAL, "polynomial"},
                      Row{ScheduleKind::EXPONENTIAL, "exponential"},
                      Row{ScheduleKind::PIECEWISE_CONSTANT, "piecewise_constant"},
                      Row{ScheduleKind::PIECEWISE_INTERPOLATED, "piecewise_interpolated"},
                      Row{ScheduleKind::ONE_CYCLE, "one_cycle"},
                      Row{ScheduleKind::ONE_CYCLE_LR, "one_cycle_lr"},
                      Row{ScheduleKind::SGDR, "sgdr"},
                      Row{ScheduleKind::COSINE_ANNEALING, "cosine_annealing"},
                      Row{ScheduleKind::COSINE_RESTARTS, "cosine_restarts"},
                      Row{ScheduleKind::CYCLIC, "cyclic"}};
}

/// What a config says about the schedules that two learning rates and two step counts do not describe.
struct CurveOptions {
    double start = 0.0;
    std::int64_t steps = 0;
    double rate = 0.1, power = 1.0;
    bool staircase = false;
    std::vector<std::int64_t> boundaries = {};
    std::vector<double> factors = {};
    std::int64_t growth = 1;
    double rise = 0.3;
    DecayShape shape = DecayShape::COSINE;
};
template <class V>
void visit_fields(V& v, CurveOptions& options) {
    v("start", options.start, "where warm-ups and cycles begin; 0 is the peak / 25 of one_cycle");
    v("steps", options.steps, "of a decay or a cycle; 0 is the method's own part of total_steps");
    v("rate", options.rate, "factor of an exponential decay every so many steps");
    v("power", options.power, "of polynomials and cosines");
    v("staircase", options.staircase, "exponential decay at once, every so many steps");
    v("boundaries", options.boundaries, "updates from which the factors of piecewise schedules hold");
    v("factors", options.factors, "of the learning rate, one a boundary");
    v("growth", options.growth, "how many times as long each restart is as the one before");
    v("rise", options.rise, "share of a cycle before its peak");
    v("shape", options.shape, "of the way down or between boundaries; sqrt is warmup_stable_decay's");
}

struct OptimizerOptions;

/// A schedule by name.
struct ScheduleRow {
    ScheduleKind kind;
    std::string_view source;
    std::string_view keys;  ///< what it reads beside the learning rate
    Schedule (*make)(const OptimizerOptions& options);
};
/// Returns all schedules, in the order of their kinds.
std::span<const ScheduleRow> schedules();
/// Returns what a config calls a schedule.
std::string_view name(ScheduleKind kind);
/// Returns the learning rate that the options describe; throws INVALID_ARGUMENT.
Schedule make_schedule(const OptimizerOptions& options);

}  // namespace podium::optim
