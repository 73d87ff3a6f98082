#include "podium/nn/regression_losses.h"

#include <numbers>

#include "podium/ir/log_add_exp.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

Tensor errors(std::string_view loss, const Operand& predictions, const Operand& targets) {
    expect_floats(loss, predictions);
    expect_same_dims(loss, predictions, targets);
    return at_least_f32(predictions) - at_least_f32(targets);
}

Tensor unit(const Operand& vectors, const Along& along, double epsilon) {
    const Tensor x = at_least_f32(vectors);
    return x / sqrt(maximum(sum_along(square(x), along, true), epsilon));
}

}  // namespace

Tensor squared_error(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    return square(errors("squared_error", predictions, targets));
}

Tensor l2_loss(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    return 0.5 * square(errors("l2_loss", predictions, targets));
}

Tensor huber_loss(const Operand& predictions, const Operand& targets, double delta) {
    const LocationScope scope(predictions.location());
    const Tensor distance = abs(errors("huber_loss", predictions, targets)), near = minimum(distance, delta);
    return 0.5 * square(near) + delta * (distance - near);
}

Tensor log_cosh(const Operand& predictions, const Operand& targets) {
    const LocationScope scope(predictions.location());
    const Tensor error = errors("log_cosh", predictions, targets);
    return log_add_exp(error, -error) - std::numbers::ln2;
}

Tensor cosine_similarity(const Operand& predictions, const Operand& targets, const Along& along, double epsilon) {
    const LocationScope scope(predictions.location());
    expect_floats("cosine_similarity", predictions);
    expect_floats("cosine_similarity", targets);
    return sum_along(unit(predictions, along, epsilon) * unit(targets, along, epsilon), along);
}

Tensor cosine_distance(const Operand& predictions, const Operand& targets, const Along& along, double epsilon) {
    const LocationScope scope(predictions.location());
    return 1.0 - cosine_similarity(predictions, targets, along, epsilon);
}

}  // namespace podium::nn
