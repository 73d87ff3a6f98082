#include "podium/nn/loss_terms.h"

#include <limits>

#include "podium/nn/activations.h"
#include "podium/nn/precision.h"

namespace podium::nn {

Tensor sum_along(const Tensor& x, const Along& along, bool keep_dims) {
    return sum(along.where ? select(*along.where, x, 0.0) : x, {along.axis}, keep_dims);
}

Tensor log_shares(const Tensor& x, const Along& along) {
    if (!along.where) return log_softmax(x, along.axis);
    const Tensor counted = select(*along.where, x, -std::numeric_limits<double>::infinity());
    return select(*along.where, log_softmax(counted, along.axis), 0.0);
}

void expect_floats(std::string_view what, const Operand& x) {
    if (!is_float(x.tensor().type()))
        fail_at(Code::DTYPE_MISMATCH, x.location(),
                fmt::format("{}: takes floating-point numbers, got {}", what, to_string(x.tensor().shape())));
}

void expect_same_dims(std::string_view what, const Operand& predictions, const Operand& targets) {
    const Shape &x = predictions.tensor().shape(), &y = targets.tensor().shape();
    if (x.dims != y.dims)
        fail_at(Code::SHAPE_MISMATCH, predictions.location(),
                fmt::format("{}: prediction {} and target {} differ in shape; reshape one of them?", what, to_string(x),
                            to_string(y)));
}

Alike alike(std::string_view what, const Operand& predictions, const Operand& targets) {
    expect_floats(what, predictions);
    expect_same_dims(what, predictions, targets);
    const Tensor x = at_least_f32(predictions);
    return {x, convert(targets, x.type())};
}

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

}  // namespace podium::nn
