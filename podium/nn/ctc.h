#pragma once

#include "podium/ir/ops.h"

namespace podium::nn {

struct CtcOptions {
    std::int64_t blank = 0;
    double log_epsilon = -1e5;  ///< stands for log 0
};
/// What connectionist temporal classification finds for a batch.
struct CtcResult {
    Tensor loss;       ///< float[batch]
    Tensor log_blank;  ///< float[length, batch, labels + 1]: log probability of having said n labels, then a blank
    Tensor log_label;  ///< float[length, batch, labels]: of having just said label n
};
/// Returns −log of the probability that the logits' softmax says the labels, in any alignment, and the forward
/// variables. logits: float[batch, length, classes]; labels: integers[batch, labels]; paddings: float, 1 where nothing
/// is, [batch, length] and [batch, labels], at the ends. Computed in f32 at least. Throws SHAPE_MISMATCH.
/// Source: Graves et al. 2006, section 4.1; optax, ctc_loss_with_forward_probs.
CtcResult ctc_loss_with_forward_probabilities(const Operand& logits, const Tensor& logit_paddings, const Tensor& labels,
                                              const Tensor& label_paddings, const CtcOptions& options = {});
/// Returns its loss.
Tensor ctc_loss(const Operand& logits, const Tensor& logit_paddings, const Tensor& labels, const Tensor& label_paddings,
                const CtcOptions& options = {});

}  // namespace podium::nn
