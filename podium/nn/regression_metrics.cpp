#include "podium/nn/regression_metrics.h"

#include "podium/nn/loss_terms.h"
#include "podium/nn/losses.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

Tensor around_mean(const Tensor& x) { return x - mean(x); }

Tensor correlation(const Tensor& x, const Tensor& y) {
    const Tensor a = around_mean(x), b = around_mean(y);
    return sum(a * b) / sqrt(sum(square(a)) * sum(square(b)));
}

/// Returns each number's rank times 2; equal numbers have the mean of theirs.
Tensor ranks(const Tensor& x) {
    const Tensor flat = reshape(x, {-1}), sorted = sort(flat);
    return convert(searchsorted(sorted, flat) + searchsorted(sorted, flat, true), x.type());
}

}  // namespace

Tensor mean_absolute_error(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("mean_absolute_error", predictions, targets);
    return mean(abs(x - y));
}

Tensor root_mean_squared_error(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    return sqrt(mean_squared_error(predictions, targets));
}

Tensor mean_absolute_percentage_error(const Operand& predictions, const Operand& targets, double epsilon) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("mean_absolute_percentage_error", predictions, targets);
    return mean(abs(x - y) / maximum(abs(y), epsilon));
}

Tensor r2_score(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("r2_score", predictions, targets);
    return 1.0 - sum(square(y - x)) / sum(square(around_mean(y)));
}

Tensor explained_variance(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("explained_variance", predictions, targets);
    return 1.0 - sum(square(around_mean(y - x))) / sum(square(around_mean(y)));
}

Tensor pearson_correlation(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("pearson_correlation", predictions, targets);
    return correlation(x, y);
}

Tensor spearman_correlation(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const auto [x, y] = alike("spearman_correlation", predictions, targets);
    return correlation(ranks(x), ranks(y));
}

Tensor perplexity(const Operand& loss) {
    const LocationScope scope(loss.location());
    expect_floats("perplexity", loss);
    return exp(at_least_f32(loss));
}

}  // namespace podium::nn
