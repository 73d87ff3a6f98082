#include "podium/nn/losses.h"

#include <limits>

#include "podium/nn/located.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

void expect_labels(std::string_view what, const Operand& logits, const Operand& labels) {
    const Shape &rows = logits.tensor().shape(), &names = labels.tensor().shape();
    if (!is_float(rows.type) || !is_integer(names.type))
        fail_at(Code::DTYPE_MISMATCH, logits.location(),
                fmt::format("{}: takes floating-point logits and integer labels, got {} and {}", what, to_string(rows),
                            to_string(names)));
    if (rows.dims.empty() || names.dims != Dims(rows.dims.begin(), rows.dims.end() - 1))
        fail_at(Code::SHAPE_MISMATCH, logits.location(),
                fmt::format("{}: labels {} do not name one class for each row of logits {}", what, to_string(names),
                            to_string(rows)));
}

}  // namespace

namespace {

/// Returns −log softmax(logits)[label] of each row.
Tensor row_losses(const Operand& logits, const Operand& labels) {
    expect_labels("cross_entropy", logits, labels);
    const Located at(logits.location());
    const Tensor scores = at_least_f32(logits);
    const Tensor losses = at(logsumexp(at(scores), -1)) - take_last(at(scores), labels);
    const Tensor known = at(greater_equal(at(labels.tensor()), 0)) & less(at(labels.tensor()), scores.dim(-1));
    return select(at(known), losses, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

Tensor cross_entropy(const Operand& logits, const Operand& labels) {
    return mean(Operand(row_losses(logits, labels), logits.location()));
}

Tensor cross_entropy(const Operand& logits, const Operand& labels, const Operand& weights) {
    const LocationScope scope(logits.location());
    const Tensor losses = row_losses(logits, labels);
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
    const Shape &x = prediction.tensor().shape(), &y = target.tensor().shape();
    if (x.dims != y.dims)
        fail_at(Code::SHAPE_MISMATCH, prediction.location(),
                fmt::format("mean_squared_error: prediction {} and target {} differ in shape; reshape one of them?",
                            to_string(x), to_string(y)));
    const Located at(prediction.location());
    return mean(at(square(at(at(at_least_f32(prediction)) - at_least_f32(target)))));
}

Tensor accuracy(const Operand& logits, const Operand& labels) {
    expect_labels("accuracy", logits, labels);
    const Located at(logits.location());
    const Tensor best = convert(at(argmax(logits, -1)), labels.tensor().type());
    return mean(at(convert(at(equal(at(best), labels)), DataType::FLOAT32)));
}

}  // namespace podium::nn
