#pragma once

#include "podium/ir/ops.h"

namespace podium::nn {

/// Returns the mean of −log softmax(logits)[label]: f32[] (f64[] of f64). logits: float[…, classes], computed on in f32
/// at least; labels: integers[…]. NaN where a label names no class. Source: Goodfellow et al., "Deep Learning",
/// section 6.2.2.3.
Tensor cross_entropy(const Operand& logits, const Operand& labels);
/// The same with a weight for each row, float[…] or bool[…] (a mask): the weighted mean, 0 where no row has any.
Tensor cross_entropy(const Operand& logits, const Operand& labels, const Operand& weights);
/// Returns the mean of (prediction − target)²: f32[] (f64[] of f64). Both: the same shape.
Tensor mean_squared_error(const Operand& prediction, const Operand& target);
/// Returns the share of rows whose largest logit is the label's: f32[]. logits: float[…, classes]; labels: integers[…].
Tensor accuracy(const Operand& logits, const Operand& labels);

}  // namespace podium::nn
