#pragma once

#include "podium/optim/schedule.h"

/// Schedules that begin with a line up to their peak.
namespace podium::optim {

struct WarmupCosineOptions {
    double peak = 1e-3;
    std::int64_t warmup_steps = 0;
    std::int64_t total_steps = 1;  ///< with the warmup
    double end = 0.0;
    double init = 0.0;
    double power = 1.0;  ///< of the cosine
};
/// Returns the line from `init` to `peak`, then half a cosine to `end`. Source: optax, warmup_cosine_decay_schedule.
Schedule warmup_cosine(const WarmupCosineOptions& options);
/// Returns cycles of such, one after another. Source: Loshchilov and Hutter 2017, arXiv:1608.03983; optax,
/// sgdr_schedule.
Schedule sgdr(const std::vector<WarmupCosineOptions>& cycles);

/// Returns the line from `init` to `peak`, then `peak`. Source: optax, warmup_constant_schedule.
Schedule warmup_constant(double init, double peak, std::int64_t warmup_steps);

struct ExponentialOptions {
    std::int64_t steps = 1;  ///< that make one factor
    double rate = 0.1;       ///< the factor
    std::int64_t begin = 0;  ///< steps before the first one
    bool staircase = false;  ///< whole factors only: PyTorch's StepLR
    std::optional<double> end = {};
};
/// Returns initial · rate^(step / steps), no further than `end`. Source: optax, exponential_decay.
Schedule exponential(double initial, const ExponentialOptions& options);
/// Returns the line from `init` to `peak`, then the exponential decay. Source: optax,
/// warmup_exponential_decay_schedule.
Schedule warmup_exponential(double init, double peak, std::int64_t warmup_steps, const ExponentialOptions& options);

/// How a schedule goes down.
enum class DecayShape { LINEAR, COSINE, SQRT };
constexpr auto enum_names(DecayShape) {
    using Row = std::pair<DecayShape, std::string_view>;
    return std::array{Row{DecayShape::LINEAR, "linear"}, Row{DecayShape::COSINE, "cosine"},
                      Row{DecayShape::SQRT, "sqrt"}};
}
struct WarmupStableDecayOptions {
    double peak = 1e-3;
    std::int64_t warmup_steps = 0, decay_steps = 1;
    std::int64_t total_steps = 1;  ///< with both
    double end = 0.0;
    double init = 0.0;
    DecayShape shape = DecayShape::LINEAR;  ///< SQRT: 1 − sqrt(t), of Hägele et al. 2024, arXiv:2405.18392, equation 1
};
/// Returns the line from `init` to `peak`, then `peak`, and in the last `decay_steps` the way down to `end`.
/// Source: Hu et al. 2024, arXiv:2404.06395, section 4.2.
Schedule warmup_stable_decay(const WarmupStableDecayOptions& options);

/// Returns the line from `init` to `peak`, then peak · sqrt(warmup_steps / step). Source: Vaswani et al. 2017,
/// arXiv:1706.03762, section 5.3.
Schedule inverse_sqrt(double init, double peak, std::int64_t warmup_steps);

}  // namespace podium::optim
