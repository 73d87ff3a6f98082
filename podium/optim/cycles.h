#pragma once

#include <utility>

#include "podium/optim/warmup.h"

/// Schedules in pieces and in cycles.
namespace podium::optim {

/// Steps from which a factor holds.
using Milestones = std::vector<std::pair<std::int64_t, double>>;
/// Returns `initial` times the factors of all milestones so far. Source: optax, piecewise_constant_schedule; PyTorch,
/// MultiStepLR.
Schedule piecewise_constant(double initial, Milestones milestones);
/// Returns that value at the milestones, and lines or halves of cosines (`shape` is LINEAR or COSINE) between them.
/// Source: optax, piecewise_interpolate_schedule.
Schedule piecewise_interpolated(double initial, Milestones milestones, DecayShape shape = DecayShape::LINEAR);

struct OneCycleOptions {
    double peak = 1e-3;
    std::int64_t total_steps = 1;
    DecayShape shape = DecayShape::COSINE;  ///< or LINEAR
    double rise = 0.3;                      ///< share of the steps until the peak
    double fall = 0.85;     ///< LINEAR: share of the steps until the first value comes back; the rest is the last fall
    double divisor = 25.0;  ///< peak over the first value
    double last_divisor = 1e4;  ///< first value over the last one
};
/// Returns one cycle up and down. Source: Smith and Topin 2018, arXiv:1708.07120; optax, linear_onecycle_schedule and
/// cosine_onecycle_schedule.
Schedule one_cycle(const OneCycleOptions& options);
/// The same as PyTorch cuts the steps: the peak is a step earlier, the last value comes with the last step, and `fall`
/// does not count: with three phases the first value comes back as fast as it went, else there is one fall only.
/// Source: PyTorch, OneCycleLR.
Schedule one_cycle_lr(const OneCycleOptions& options, bool three_phases = false);

/// Returns a cosine that goes from `initial` to `end` in `steps`, and back again. Source: PyTorch, CosineAnnealingLR.
Schedule cosine_annealing(double initial, std::int64_t steps, double end = 0.0);
/// Returns halves of cosines from `initial` to `end`, the first over `steps`, each `growth` times as long as the one
/// before. Source: Loshchilov and Hutter 2017, arXiv:1608.03983; PyTorch, CosineAnnealingWarmRestarts.
Schedule cosine_restarts(double initial, std::int64_t steps, std::int64_t growth = 1, double end = 0.0);

/// How the height of cycles changes.
enum class CycleHeight { SAME, HALVED, EXPONENTIAL };
struct CyclicOptions {
    double low = 1e-4, high = 1e-3;
    std::int64_t up_steps = 1, down_steps = 1;
    CycleHeight height = CycleHeight::SAME;
    double rate = 1.0;  ///< EXPONENTIAL: of the height, each step
};
/// Returns lines up and down again. Source: Smith 2017, arXiv:1506.01186; PyTorch, CyclicLR.
Schedule cyclic(const CyclicOptions& options);

}  // namespace podium::optim
