#include "podium/nn/classification_metrics.h"

#include "podium/nn/loss_terms.h"

namespace podium::nn {
namespace {

constexpr DataType F32 = DataType::FLOAT32, I32 = DataType::INT32;

/// Returns x / y, and 0 where y is 0.
Tensor share_of(const Tensor& x, const Tensor& y) {
    const Tensor none = equal(y, 0.0);
    return select(none, 0.0, x / select(none, 1.0, y));
}

/// What a confusion matrix counts, in f32.
struct Counts {
    Tensor right, predicted, there;  ///< f32[classes]
};
Counts counts_of(std::string_view metric, const Operand& confusion) {
    const Shape& shape = confusion.tensor().shape();
    if (shape.rank() != 2 || shape.dims[0] != shape.dims[1])
        fail_at(Code::SHAPE_MISMATCH, confusion.location(),
                fmt::format("{}: takes a confusion matrix [classes,classes], got {}", metric, to_string(shape)));
    const Tensor matrix = convert(confusion, F32);
    return {sum(matrix * eye(shape.dims[0]), {1}), sum(matrix, {0}), sum(matrix, {1})};
}

ClassScores scores_of(const Tensor& right, const Tensor& predicted, const Tensor& there, double beta) {
    const Tensor precision = share_of(right, predicted), recall = share_of(right, there);
    const double weight = beta * beta;
    return {precision, recall, share_of((1.0 + weight) * right, weight * there + predicted), there};
}

/// Returns 1.0 where the label is, after checking that both are vectors of one length.
Tensor is_there(std::string_view metric, const Operand& scores, const Operand& labels) {
    expect_floats(metric, scores);
    expect_same_dims(metric, scores, labels);
    if (scores.tensor().rank() != 1)
        fail_at(Code::SHAPE_MISMATCH, scores.location(),
                fmt::format("{}: takes vectors, got {}", metric, to_string(scores.tensor().shape())));
    return convert(not_equal(convert(labels, I32), 0), F32);
}

/// Returns the relevances in the order of descending scores.
Tensor by_score(std::string_view metric, const Operand& scores, const Operand& relevances) {
    expect_floats(metric, scores);
    expect_same_dims(metric, scores, relevances);
    return take_along_axis(convert(relevances, F32), argsort(scores, -1, true), -1);
}

}  // namespace

Tensor top_k_accuracy(const Operand& logits, const Operand& labels, std::int64_t k) {
    const LocationScope scope(logits.location());
    expect_labels("top_k_accuracy", logits, labels);
    const Tensor first = top_k(logits, k).indices, label = expand_dims(convert(labels, I32), -1);
    return mean(convert(any(equal(first, label), {-1}), F32));
}

Tensor confusion_matrix(const Operand& predictions, const Operand& labels, std::int64_t classes) {
    const LocationScope scope(predictions.location());
    expect_same_dims("confusion_matrix", predictions, labels);
    const Tensor found = reshape(convert(predictions, I32), {-1}), there = reshape(convert(labels, I32), {-1});
    const Tensor known = (found >= 0) & (found < classes) & (there >= 0) & (there < classes);
    const Tensor cell = select(known, there * classes + found, -1);
    return reshape(segment_reduce(add, ones({cell.dim(0)}, I32), cell, classes * classes), {classes, classes});
}

ClassScores class_scores(const Operand& confusion, double beta) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("class_scores", confusion);
    return scores_of(right, predicted, there, beta);
}

ClassScores averaged_scores(const Operand& confusion, Average average, double beta) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("averaged_scores", confusion);
    if (average == Average::MICRO) return scores_of(sum(right), sum(predicted), sum(there), beta);
    const auto [precision, recall, f, support] = scores_of(right, predicted, there, beta);
    const Tensor all = sum(support);
    const auto joined = [&, support = support](const Tensor& score) {
        return average == Average::MACRO ? mean(score) : share_of(sum(score * support), all);
    };
    return {joined(precision), joined(recall), joined(f), all};
}

Tensor accuracy_of(const Operand& confusion) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("accuracy_of", confusion);
    return share_of(sum(right), sum(there));
}

Tensor balanced_accuracy(const Operand& confusion) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("balanced_accuracy", confusion);
    return share_of(sum(share_of(right, there)), sum(convert(there > 0.0, F32)));
}

Tensor intersection_over_union(const Operand& confusion) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("intersection_over_union", confusion);
    return share_of(right, predicted + there - right);
}

Tensor matthews_correlation(const Operand& confusion) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("matthews_correlation", confusion);
    const Tensor all = sum(there);
    const auto spread = [&](const Tensor& counts) { return square(all) - sum(square(counts)); };
    return share_of(sum(right) * all - sum(predicted * there), sqrt(spread(predicted)) * sqrt(spread(there)));
}

Tensor cohen_kappa(const Operand& confusion) {
    const LocationScope scope(confusion.location());
    const auto [right, predicted, there] = counts_of("cohen_kappa", confusion);
    const Tensor all = sum(there), chance = share_of(sum(predicted * there), all);
    return share_of(sum(right) - chance, all - chance);
}

Tensor roc_auc(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    const Tensor there = is_there("roc_auc", scores, labels), sorted = sort(scores);
    const Tensor below = convert(searchsorted(sorted, scores), F32);
    const Tensor rank = 0.5 * (below + convert(searchsorted(sorted, scores, true), F32) + 1.0);
    const Tensor positives = sum(there), negatives = sum(1.0 - there);
    return (sum(rank * there) - 0.5 * positives * (positives + 1.0)) / (positives * negatives);
}

Tensor average_precision(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    const Tensor there = is_there("average_precision", scores, labels), order = argsort(scores);
    const Tensor sorted = take(scores, order), counted = cumulative_sum(take(there, order), 0, true);
    const Tensor first = searchsorted(sorted, scores);  // of those with the same score or a greater one
    const Tensor above = static_cast<double>(sorted.dim(0)) - convert(first, F32);
    return share_of(sum(there * take(counted, first) / above), sum(there));
}

Tensor brier_score(const Operand& probabilities, const Operand& labels) {
    const LocationScope scope(probabilities.location());
    const Tensor there = is_there("brier_score", probabilities, labels);
    return mean(square(convert(probabilities, F32) - there));
}

Tensor calibration_error(const Operand& confidences, const Operand& right, std::int64_t bins) {
    const LocationScope scope(confidences.location());
    const Tensor hits = is_there("calibration_error", confidences, right);
    const Tensor sure = convert(confidences, F32);
    const Tensor bin = clamp(0, convert(ceil(sure * static_cast<double>(bins)), I32) - 1, bins - 1);
    const Tensor gaps = segment_reduce(add, hits - sure, bin, bins);
    return sum(abs(gaps)) / static_cast<double>(sure.dim(0));
}

Tensor mean_reciprocal_rank(const Operand& scores, const Operand& relevances) {
    const LocationScope scope(scores.location());
    const Tensor relevant = by_score("mean_reciprocal_rank", scores, relevances) > 0.0;
    const Tensor place = convert(iota(relevant.dims(), -1, I32) + 1, F32);
    return mean(max(select(relevant, 1.0 / place, 0.0), {-1}));
}

Tensor normalized_discounted_gain(const Operand& scores, const Operand& relevances, std::int64_t k) {
    const LocationScope scope(scores.location());
    const Tensor found = by_score("normalized_discounted_gain", scores, relevances);
    const Tensor best = sort(convert(relevances, F32), -1, true);
    const Tensor place = convert(iota(found.dims(), -1, I32) + 1, F32);
    const Tensor weight = select(place <= static_cast<double>(k > 0 ? k : found.dim(-1)), 1.0 / log1p(place), 0.0);
    const auto gain = [&](const Tensor& order) { return sum((power(2.0, order) - 1.0) * weight, {-1}); };
    return mean(share_of(gain(found), gain(best)));
}

}  // namespace podium::nn
