#include "podium/optim/privacy_accountant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "podium/base/error.h"

namespace podium::optim {
namespace {

constexpr double INFINITE = std::numeric_limits<double>::infinity();
constexpr double LEAST_ORDER = 1.01;  // below it the bound is not stable
constexpr double TAIL = 14.0;         // standard deviations, beyond which e^-98 of the mass lies
constexpr double GREATEST_NOISE = 1000.0;
constexpr double LEAST_INTEGRATED_NOISE = 0.1;  // below it the integral takes too many steps

/// Adds numbers by their logarithms.
class LogSum {
public:
    void add(double logarithm) {
        const double high = std::max(value_, logarithm), low = std::min(value_, logarithm);
        value_ = low == -INFINITE ? high : high + std::log1p(std::exp(low - high));
    }
    double value() const { return value_; }

private:
    double value_ = -INFINITE;
};

/// Returns log E[(1 − q + q e^((2z − 1) / 2σ²))^order], z being normal of deviation σ, for a whole order: its binomial.
double log_moment(double q, double sigma, std::int64_t order) {
    LogSum sum;
    const auto n = static_cast<double>(order);
    for (std::int64_t i = 0; i <= order; ++i) {
        const auto k = static_cast<double>(i);
        const double ways = std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
        sum.add(ways + k * std::log(q) + (n - k) * std::log1p(-q) + (k * k - k) / (2 * sigma * sigma));
    }
    return sum.value();
}

/// The same for any order, by the trapezoidal rule: its error falls with e^(−2π · π σ² / width), as the nearest point
/// where the logarithm has none lies πσ² off the real axis.
double log_moment_by_integral(double q, double sigma, double order) {
    const double width = std::min(sigma, sigma * sigma) / 8.0;
    const double from = -TAIL * sigma, to = order + TAIL * sigma;
    const auto count = static_cast<std::int64_t>((to - from) / width);
    LogSum sum;
    for (std::int64_t i = 0; i <= count; ++i) {
        const double z = from + width * static_cast<double>(i);
        LogSum ratio;
        ratio.add(std::log1p(-q));
        ratio.add(std::log(q) + (2 * z - 1) / (2 * sigma * sigma));
        sum.add(order * ratio.value() - z * z / (2 * sigma * sigma));
    }
    return sum.value() + std::log(width) - std::log(sigma * std::sqrt(2 * std::numbers::pi));
}

double epsilon_at(double order, double divergence, double delta) {
    if (delta * delta + std::expm1(-divergence) > 0) return 0.0;  // by the Kullback-Leibler divergence
    if (order <= LEAST_ORDER) return INFINITE;
    return std::max(0.0, divergence + std::log1p(-1 / order) - std::log(delta * order) / (order - 1));
}

double delta_at(double order, double divergence, double epsilon) {
    if (divergence == 0.0) return 0.0;
    const double by_mean = 0.5 * std::log1p(-std::exp(-divergence));
    const double by_order = order <= LEAST_ORDER
                                ? INFINITE
                                : (order - 1) * (divergence - epsilon + std::log1p(-1 / order)) - std::log(order);
    return std::min(1.0, std::exp(std::min(by_mean, by_order)));
}

}  // namespace

double renyi_divergence(const NoisySteps& step, double order) {
    const auto [q, sigma, steps] = step;
    if (!(q >= 0.0 && q <= 1.0) || !(sigma >= 0.0) || !(order > 1.0))
        fail(Code::INVALID_ARGUMENT,
             "renyi_divergence: the sampling rate is {}, the noise multiplier {} and the order {}; give 0 to 1, at "
             "least "
             "0, and more than 1",
             q, sigma, order);
    if (q == 0.0) return 0.0;
    if (sigma == 0.0) return INFINITE;
    if (q == 1.0) return order / (2 * sigma * sigma);
    if (sigma < LEAST_INTEGRATED_NOISE) order = std::ceil(order);  // the divergence grows with it
    const bool whole = order == std::floor(order);
    const double moment =
        whole ? log_moment(q, sigma, static_cast<std::int64_t>(order)) : log_moment_by_integral(q, sigma, order);
    return std::max(0.0, moment / (order - 1));
}

RdpAccountant::RdpAccountant() {
    for (int tenths = 11; tenths < 110; ++tenths) orders_.push_back(tenths / 10.0);
    for (int order = 11; order < 64; ++order) orders_.push_back(order);
    for (const double order : {128.0, 256.0, 512.0, 1024.0}) orders_.push_back(order);
    divergences_.resize(orders_.size());
}

void RdpAccountant::add(const NoisySteps& steps) {
    if (steps.steps < 0) fail(Code::INVALID_ARGUMENT, "RdpAccountant: {} steps; give at least 0", steps.steps);
    if (steps.steps == 0) return;
    for (std::size_t i = 0; i < orders_.size(); ++i)
        divergences_[i] += static_cast<double>(steps.steps) * renyi_divergence(steps, orders_[i]);
}

double RdpAccountant::epsilon(double delta) const {
    if (!(delta > 0.0 && delta < 1.0))
        fail(Code::INVALID_ARGUMENT, "RdpAccountant: delta is {}; give more than 0 and less than 1", delta);
    double least = INFINITE;
    for (std::size_t i = 0; i < orders_.size(); ++i)
        least = std::min(least, epsilon_at(orders_[i], divergences_[i], delta));
    return least;
}

double RdpAccountant::delta(double epsilon) const {
    if (!(epsilon >= 0.0)) fail(Code::INVALID_ARGUMENT, "RdpAccountant: epsilon is {}; give at least 0", epsilon);
    double least = 1.0;
    for (std::size_t i = 0; i < orders_.size(); ++i)
        least = std::min(least, delta_at(orders_[i], divergences_[i], epsilon));
    return least;
}

double noise_multiplier_for(double epsilon, double delta, double sampling_rate, std::int64_t steps) {
    const auto is_enough = [&](double noise) {
        RdpAccountant accountant;
        accountant.add({sampling_rate, noise, steps});
        return accountant.epsilon(delta) <= epsilon;
    };
    constexpr double TOLERANCE = 1e-3;
    double low = 0.0, high = 1.0;
    while (!is_enough(high)) {
        low = high;
        high *= 2.0;
        if (high > GREATEST_NOISE)
            fail(Code::INVALID_ARGUMENT,
                 "noise_multiplier_for: no noise below {} makes {} steps ({}, {})-private; raise epsilon or delta",
                 GREATEST_NOISE, steps, epsilon, delta);
    }
    while (high - low > TOLERANCE) {
        const double middle = (low + high) / 2.0;
        (is_enough(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace podium::optim
