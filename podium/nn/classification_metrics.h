#pragma once

#include <array>

#include "podium/ir/ops.h"

/// How well classes and rankings are told. Results are f32 unless said otherwise; what has no cases counts as 0.
/// `accuracy` is in podium/nn/losses.h.
namespace podium::nn {

/// Returns the share of rows whose label is among the `k` greatest logits: f32[]. logits: float[…, classes]; labels:
/// integers[…].
Tensor top_k_accuracy(const Operand& logits, const Operand& labels, std::int64_t k);

/// Returns how often the label i was predicted to be j: i32[classes, classes]. Both: integers of one shape; those that
/// name no class do not count. Sum the matrices of batches to judge all of them.
Tensor confusion_matrix(const Operand& predictions, const Operand& labels, std::int64_t classes);

/// Numbers of each class: f32[classes].
struct ClassScores {
    Tensor precision;  ///< right among what was predicted
    Tensor recall;     ///< found among what is there
    Tensor f;          ///< (1 + beta²) · precision · recall / (beta² · precision + recall)
    Tensor support;    ///< how many there are
    static constexpr std::array names{"precision", "recall", "f", "support"};
};
/// Returns the scores of a confusion matrix. Source: van Rijsbergen 1979, "Information Retrieval", chapter 7.
ClassScores class_scores(const Operand& confusion, double beta = 1.0);
/// How classes make one number: MACRO is their mean, WEIGHTED by their support, MICRO as if all were one.
enum class Average { MACRO, WEIGHTED, MICRO };
/// Returns the scores of all classes together: f32[] each.
ClassScores averaged_scores(const Operand& confusion, Average average, double beta = 1.0);
/// Returns the share on the diagonal: f32[]; the mean recall of the classes that there are.
Tensor accuracy_of(const Operand& confusion);
Tensor balanced_accuracy(const Operand& confusion);
/// Returns for each class what is right over all that was predicted or is there (the Jaccard index): f32[classes].
Tensor intersection_over_union(const Operand& confusion);
/// Returns the correlation of predictions and labels: f32[]. Source: Gorodkin 2004, equation 8.
Tensor matthews_correlation(const Operand& confusion);
/// Returns the agreement beyond chance: f32[]. Source: Cohen 1960.
Tensor cohen_kappa(const Operand& confusion);

// Of scores of a thing being there: scores float[count]; labels integers or bools[count], 1 where it is.

/// Returns the area under the receiver operating characteristic: f32[], the share of pairs in the right order, ties
/// half; NaN where there is only one kind. Source: Hanley and McNeil 1982.
Tensor roc_auc(const Operand& scores, const Operand& labels);
/// Returns the mean over what is there of the precision at its score: f32[].
Tensor average_precision(const Operand& scores, const Operand& labels);
/// Returns the mean of (probability − label)²: f32[]. Source: Brier 1950.
Tensor brier_score(const Operand& probabilities, const Operand& labels);
/// Returns the mean distance between confidence and accuracy over `bins` of equal width, weighted by their counts:
/// f32[]. confidences: float[count] in [0, 1]; right: bool[count]. Source: Guo et al. 2017, arXiv:1706.04599,
/// equation 3.
Tensor calibration_error(const Operand& confidences, const Operand& right, std::int64_t bins = 15);

// Of lists of items: scores and relevances float[…, items].

/// Returns the mean of 1 / place of the first relevant item by score: f32[].
Tensor mean_reciprocal_rank(const Operand& scores, const Operand& relevances);
/// Returns the mean discounted cumulative gain of the first `k` (0: all) over the best possible: f32[]. Gains are
/// 2^relevance − 1. Source: Burges et al. 2005.
Tensor normalized_discounted_gain(const Operand& scores, const Operand& relevances, std::int64_t k = 0);

}  // namespace podium::nn
