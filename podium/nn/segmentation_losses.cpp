#include "podium/nn/segmentation_losses.h"

#include <numeric>

#include "podium/nn/activations.h"
#include "podium/nn/loss_terms.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

constexpr double GENERALIZED_EPSILON = 1e-7;  // optax's
constexpr double SHARES_TOLERANCE = 1e-5;

Tensor shares_of(const Tensor& x, bool apply_softmax) {
    const bool one_class = x.dim(-1) == 1;
    if (apply_softmax) return one_class ? logistic(x) : softmax(x);
    if (one_class) return x;
    return check(x, abs(sum(x, {-1}) - 1.0) <= SHARES_TOLERANCE,
                 "dice_loss: predictions do not sum to 1 along the classes; leave apply_softmax on?");
}

/// Returns the dimensions that a region lies in.
Dims region(const Tensor& x, const DiceOptions& options) {
    if (!options.axes.empty()) return options.axes;
    Dims between(static_cast<std::size_t>(std::max<std::int64_t>(x.rank() - 2, 0)));
    std::iota(between.begin(), between.end(), 1);
    return between;
}

Tensor with_class(const Operand& x) { return expand_dims(x, x.tensor().rank()); }

}  // namespace

Tensor dice_losses(const Operand& predictions, const Operand& targets, const DiceOptions& options) {
    const LocationScope scope(predictions.location());
    const auto ranks = predictions.tensor().rank() - targets.tensor().rank();
    if (ranks == -1) return dice_losses(with_class(predictions), targets, options);
    if (ranks == 1) return dice_losses(predictions, with_class(targets), options);
    expect_floats("dice_loss", predictions);
    expect_same_dims("dice_loss", predictions, targets);
    const Tensor x = shares_of(at_least_f32(predictions), options.apply_softmax), y = convert(targets, x.type());
    const Dims axes = region(x, options);
    const auto total = [&](const Tensor& each) { return axes.empty() ? each : sum(each, axes); };
    const Tensor common = total(x * y);
    const Tensor wrong = options.alpha * (total(x) - common), missed = options.beta * (total(y) - common);
    Tensor loss = 1.0 - (common + options.smooth) / (common + wrong + missed + options.smooth);
    if (options.class_weights) loss = loss * convert(*options.class_weights, loss.type());
    if (options.ignore_background && x.dim(-1) > 1) loss = slice_axis(loss, -1, 1, loss.dim(-1));
    return loss;
}

Tensor dice_loss(const Operand& predictions, const Operand& targets, const DiceOptions& options) {
    const LocationScope scope(predictions.location());
    return mean(dice_losses(predictions, targets, options), {-1});
}

Tensor multiclass_generalized_dice_loss(const Operand& predictions, const Operand& targets,
                                        const DiceOptions& options) {
    const LocationScope scope(predictions.location());
    expect_same_dims("multiclass_generalized_dice_loss", predictions, targets);
    const Tensor y = convert(targets, at_least_f32(predictions).type());
    const auto classes = y.dim(-1);
    const Tensor frequencies = sum(reshape(y, {-1, classes}), {0});
    const Tensor weights = 1.0 / (square(frequencies) + GENERALIZED_EPSILON);
    DiceOptions weighted = options;
    weighted.class_weights = weights / sum(weights) * static_cast<double>(classes);
    return mean(dice_losses(predictions, y, weighted));
}

Tensor binary_dice_loss(const Operand& predictions, const Operand& targets, const DiceOptions& options) {
    const LocationScope scope(predictions.location());
    const Tensor &x = predictions.tensor(), &y = targets.tensor();
    const bool lacks_class = x.rank() == y.rank() && (x.dims().empty() || x.dims().back() != 1);
    return lacks_class ? dice_loss(with_class(x), with_class(y), options) : dice_loss(x, y, options);
}

}  // namespace podium::nn
