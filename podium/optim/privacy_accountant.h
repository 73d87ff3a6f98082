#pragma once

#include <cstdint>
#include <vector>

namespace podium::optim {

/// Steps of training with noise on clipped gradients.
struct NoisySteps {
    double sampling_rate = 1.0;     ///< probability with which each example is in a step's batch
    double noise_multiplier = 1.0;  ///< standard deviation of the noise over the greatest norm of an example
    std::int64_t steps = 1;
};
/// Returns the Rényi divergence of that order (above 1) which one such step has at most: infinite without noise. By the
/// closed form of whole orders, else by the integral that defines it; with a noise multiplier below 0.1, that of the
/// next whole order, which is greater. Throws INVALID_ARGUMENT.
/// Source: Mironov, Talwar and Zhang 2019, arXiv:1908.10530, section 3.
double renyi_divergence(const NoisySteps& step, double order);

/// Counts what training has told about any one example, by Rényi differential privacy. Examples must be drawn
/// independently of each other (Poisson sampling).
class RdpAccountant {
public:
    RdpAccountant();
    /// Adds steps. Throws INVALID_ARGUMENT for numbers that make none.
    void add(const NoisySteps& steps);
    /// Returns the least epsilon for which training so far is (epsilon, delta)-private, as far as the orders tell.
    /// Source: Canonne, Kamath and Steinke 2020, arXiv:2004.00010, proposition 12.
    double epsilon(double delta) const;
    /// Returns the least delta for an epsilon.
    double delta(double epsilon) const;

private:
    std::vector<double> orders_, divergences_;
};

/// Returns the least noise multiplier, to a thousandth, with which the steps are (epsilon, delta)-private. Throws
/// INVALID_ARGUMENT where none below 1,000 is.
double noise_multiplier_for(double epsilon, double delta, double sampling_rate, std::int64_t steps);

}  // namespace podium::optim
