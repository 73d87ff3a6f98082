#pragma once

#include "podium/ir/ops.h"

/// How well numbers are told: of predictions and targets float[…] of one shape, f32[] (f64[] of f64). They throw
/// SHAPE_MISMATCH where shapes differ. `mean_squared_error` is in podium/nn/losses.h.
namespace podium::nn {

/// Returns the mean of |prediction − target|.
Tensor mean_absolute_error(const Operand& predictions, const Operand& targets);
/// Returns the root of the mean squared error.
Tensor root_mean_squared_error(const Operand& predictions, const Operand& targets);
/// Returns the mean of |prediction − target| / |target|, where targets near 0 count as `epsilon`.
Tensor mean_absolute_percentage_error(const Operand& predictions, const Operand& targets, double epsilon = 1e-7);
/// Returns 1 − Σ (target − prediction)² / Σ (target − mean target)²: 1 is perfect, 0 is no better than the mean.
Tensor r2_score(const Operand& predictions, const Operand& targets);
/// The same, but the errors' mean does not count.
Tensor explained_variance(const Operand& predictions, const Operand& targets);
/// Returns the linear correlation. Source: Pearson 1895.
Tensor pearson_correlation(const Operand& predictions, const Operand& targets);
/// Returns the correlation of the ranks, equal numbers sharing theirs. Source: Spearman 1904.
Tensor spearman_correlation(const Operand& predictions, const Operand& targets);

/// Returns exp(loss): what a mean cross-entropy says of a vocabulary.
Tensor perplexity(const Operand& loss);

}  // namespace podium::nn
