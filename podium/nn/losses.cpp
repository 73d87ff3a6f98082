#include "podium/nn/losses.h"

#include "podium/nn/classification_losses.h"
#include "podium/nn/located.h"
#include "podium/nn/precision.h"
#include "podium/nn/regression_losses.h"

namespace podium::nn {

Tensor cross_entropy(const Operand& logits, const Operand& labels) {
    return mean(Operand(softmax_cross_entropy_with_integer_labels(logits, labels), logits.location()));
}

Tensor cross_entropy(const Operand& logits, const Operand& labels, const Operand& weights) {
    const LocationScope scope(logits.location());
    const Tensor losses = softmax_cross_entropy_with_integer_labels(logits, labels);
    if (weights.tensor().dims() != losses.dims())
        fail_at(Code::SHAPE_MISMATCH, logits.location(),
                fmt::format("cross_entropy: weights {} are not one for each row of logits {}",
                            to_string(weights.tensor().shape()), to_string(logits.tensor().shape())));
    const Tensor weight = convert(weights.tensor(), losses.type());
    const Tensor counted = select(equal(weight, 0.0), 0.0, losses);  // a NaN without weight does not count
    const Tensor total = sum(weight);
    return sum(counted * weight) / select(equal(total, 0.0), 1.0, total);
}

Tensor mean_squared_error(const Operand& prediction, const Operand& target) {
    const LocationScope scope(prediction.location());
    expect_same_dims("mean_squared_error", prediction, target);
    return mean(squared_error(prediction, target));
}

Tensor accuracy(const Operand& logits, const Operand& labels) {
    expect_labels("accuracy", logits, labels);
    const Located at(logits.location());
    const Tensor best = convert(at(argmax(logits, -1)), labels.tensor().type());
    return mean(at(convert(at(equal(at(best), labels)), DataType::FLOAT32)));
}

}  // namespace podium::nn
