#pragma once

#include <optional>

#include "podium/ir/ops.h"

/// Random numbers that are drawn until one is accepted: loops of unknown length, by jax.random's algorithms, so that
/// equal keys give its numbers to float rounding. Parameters are numbers, which take `type`, or tensors, which say it;
/// they broadcast to `dims`, or together where none are given. What is drawn is constant to gradients.
namespace podium::distributions {

/// Returns numbers of density x^(concentration − 1) exp(−x) / Γ(concentration). No gradient flows to the concentration.
/// Source: Marsaglia and Tsang 2000, ACM TOMS 26(3), section 6.
Tensor gamma(const Key& key, const Operand& concentration, const std::optional<Dims>& dims = {},
             DataType type = DataType::FLOAT32);
/// Returns logarithms of the same numbers, which small concentrations make too small for their type.
Tensor log_gamma(const Key& key, const Operand& concentration, const std::optional<Dims>& dims = {},
                 DataType type = DataType::FLOAT32);
/// Returns numbers of density proportional to x^(a − 1) (1 − x)^(b − 1) in [0, 1].
Tensor beta(const Key& key, const Operand& a, const Operand& b, const std::optional<Dims>& dims = {},
            DataType type = DataType::FLOAT32);
/// Returns [dims, n]: shares that sum to 1, of density proportional to the product of x^(concentration − 1).
/// concentrations: floats [..., n].
Tensor dirichlet(const Key& key, const Operand& concentrations, const std::optional<Dims>& dims = {});
/// Returns sums of `degrees` squares of normal numbers.
Tensor chisquare(const Key& key, const Operand& degrees, const std::optional<Dims>& dims = {},
                 DataType type = DataType::FLOAT32);
/// Returns normal numbers divided by the square root of chisquare / degrees.
Tensor student_t(const Key& key, const Operand& degrees, const std::optional<Dims>& dims = {},
                 DataType type = DataType::FLOAT32);

/// Returns how many events happen where `rate` (floats, taken as f32) are expected; `type` is an integer type. Source:
/// Knuth, TAOCP volume 2, section 3.4.1, below a rate of 10; else Hörmann 1993, Insurance: Mathematics and
/// Economics 12.
Tensor poisson(const Key& key, const Operand& rate, const std::optional<Dims>& dims = {},
               DataType type = DataType::INT32);
/// Returns, as floats, how many of `count` trials of success `probability` succeed; NaN where a parameter is none.
/// Source: Hörmann 1993, Journal of Statistical Computation and Simulation 46; sums of geometric numbers where at most
/// 10 are expected.
Tensor binomial(const Key& key, const Operand& count, const Operand& probability, const std::optional<Dims>& dims = {},
                DataType type = DataType::FLOAT32);

}  // namespace podium::distributions
