#include "podium/nn/classification_losses.h"

#include <limits>

#include "podium/nn/activations.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

/// Returns log(exp(a) · x + exp(b) · y); a weight of 0 is no term.
Tensor weighted_log_sum(const Tensor& a, const Tensor& x, const Tensor& b, const Tensor& y) {
    constexpr double LEAST = -std::numeric_limits<double>::infinity();
    const Tensor greatest = stop_gradient(maximum(select(equal(x, 0.0), LEAST, a), select(equal(y, 0.0), LEAST, b)));
    return log(exp(a - greatest) * x + exp(b - greatest) * y) + greatest;
}

/// Returns sparse_plus: 0 below −1, x above 1, a parabola between.
Tensor sparse_plus(const Tensor& x) { return select(x <= -1.0, 0.0, select(x >= 1.0, x, 0.25 * square(x + 1.0))); }

Tensor cross_entropy_of(const Tensor& x, const Tensor& labels, const Along& along) {
    return -sum_along(labels * log_shares(x, along), along);
}

}  // namespace

Tensor sigmoid_binary_cross_entropy(const Operand& logits, const Operand& labels) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("sigmoid_binary_cross_entropy", logits, labels);
    return y * softplus(-x) + (1.0 - y) * softplus(x);
}

Tensor sigmoid_focal_loss(const Operand& logits, const Operand& labels, const FocalOptions& options) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("sigmoid_focal_loss", logits, labels);
    const Tensor unsure = weighted_log_sum(-softplus(-x), 1.0 - y, -softplus(x), y);
    Tensor loss = sigmoid_binary_cross_entropy(x, y) * exp(options.gamma * unsure);
    if (!options.alpha) return loss;
    return (*options.alpha * y + (1.0 - *options.alpha) * (1.0 - y)) * loss;
}

Tensor hinge_loss(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    const auto [x, y] = alike("hinge_loss", scores, labels);
    return maximum(0.0, 1.0 - x * y);
}

Tensor perceptron_loss(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    const auto [x, y] = alike("perceptron_loss", scores, labels);
    return maximum(0.0, -(x * y));
}

Tensor sparsemax_loss(const Operand& logits, const Operand& labels) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("sparsemax_loss", logits, labels);
    return sparse_plus(select(not_equal(y, 0.0), -x, x));
}

Tensor softmax_cross_entropy(const Operand& logits, const Operand& labels, const Along& along) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("softmax_cross_entropy", logits, labels);
    return cross_entropy_of(x, y, along);
}

Tensor safe_softmax_cross_entropy(const Operand& logits, const Operand& labels) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("safe_softmax_cross_entropy", logits, labels);
    const Tensor shares = log_softmax(x), counts = not_equal(y, 0.0) | is_finite(shares);
    return -sum(y * select(counts, shares, 0.0), {-1});
}

Tensor poly_loss_cross_entropy(const Operand& logits, const Operand& labels, double epsilon, const Along& along) {
    const LocationScope scope(logits.location());
    const auto [x, y] = alike("poly_loss_cross_entropy", logits, labels);
    const Tensor unsure = sum_along(y * (1.0 - exp(log_shares(x, along))), along);
    return cross_entropy_of(x, y, along) + epsilon * unsure;
}

Tensor kl_divergence(const Operand& log_predictions, const Operand& targets, const Along& along) {
    const LocationScope scope(log_predictions.location());
    const auto [x, y] = alike("kl_divergence", log_predictions, targets);
    const Tensor is_zero = equal(y, 0.0), logarithm = log(select(is_zero, 1.0, y));
    return sum_along(y * (logarithm - x), along);
}

Tensor kl_divergence_with_log_targets(const Operand& log_predictions, const Operand& log_targets, const Along& along) {
    const LocationScope scope(log_predictions.location());
    const auto [x, y] = alike("kl_divergence_with_log_targets", log_predictions, log_targets);
    return sum_along(exp(y) * (y - x), along);
}

Tensor generalized_kl_divergence(const Operand& log_predictions, const Operand& targets, const Along& along) {
    const LocationScope scope(log_predictions.location());
    const auto [x, y] = alike("generalized_kl_divergence", log_predictions, targets);
    return kl_divergence(x, y, along) + sum_along(exp(x) - y, along);
}

Tensor smooth_labels(const Operand& labels, double alpha, const Along& along) {
    const LocationScope scope(labels.location());
    expect_floats("smooth_labels", labels);
    const Tensor& y = labels.tensor();
    if (!along.where) return (1.0 - alpha) * y + alpha / static_cast<double>(y.dim(along.axis));
    return (1.0 - alpha) * y + alpha / sum(convert(*along.where, y.type()), {along.axis}, true);
}

Tensor softmax_cross_entropy_with_integer_labels(const Operand& logits, const Operand& labels) {
    const LocationScope scope(logits.location());
    expect_labels("cross_entropy", logits, labels);
    const Tensor scores = at_least_f32(logits);
    const Tensor known = greater_equal(labels, 0) & less(labels, scores.dim(-1));
    return select(known, logsumexp(scores, -1) - take_last(scores, labels), std::numeric_limits<double>::quiet_NaN());
}

Tensor multiclass_hinge_loss(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    expect_labels("multiclass_hinge_loss", scores, labels);
    const Tensor x = at_least_f32(scores);
    return max(x + 1.0 - one_hot(labels, x.dim(-1), x.type()), {-1}) - take_last(x, labels);
}

Tensor multiclass_perceptron_loss(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    expect_labels("multiclass_perceptron_loss", scores, labels);
    const Tensor x = at_least_f32(scores);
    return max(x, {-1}) - take_last(x, labels);
}

Tensor sparsemax(const Operand& x) {
    const LocationScope scope(x.location());
    expect_floats("sparsemax", x);
    const Tensor sorted = sort(x, -1, true), sums = cumulative_sum(sorted, -1);
    const Tensor place = iota(sorted.dims(), -1, DataType::INT32) + 1;
    const Tensor inside = (1.0 + convert(place, sorted.type()) * sorted) > sums;
    const Tensor size = sum(convert(inside, sorted.type()), {-1}, true);
    const Tensor threshold = (sum(select(inside, sorted, 0.0), {-1}, true) - 1.0) / size;
    return maximum(x.tensor() - threshold, 0.0);
}

Tensor multiclass_sparsemax_loss(const Operand& scores, const Operand& labels) {
    const LocationScope scope(scores.location());
    expect_labels("multiclass_sparsemax_loss", scores, labels);
    const Tensor x = at_least_f32(scores), shares = sparsemax(x);
    const Tensor gaps = x - expand_dims(take_last(x, labels), -1);
    return sum(shares * gaps, {-1}) + 0.5 * (1.0 - sum(square(shares), {-1}));
}

}  // namespace podium::nn
