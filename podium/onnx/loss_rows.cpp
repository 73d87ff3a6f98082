#include "podium/base/dims.h"
#include "podium/nn/activations.h"
#include "podium/numeric/numeric.h"
#include "podium/onnx/arithmetic.h"
#include "podium/onnx/node_rows.h"

namespace podium::onnx {
namespace {

/// Returns the losses of labels, reduced as the node says. log_probabilities: [batch, classes, …]; labels: [batch, …].
Tensor likelihood_loss(const Call& call, const Tensor& log_probabilities, const Tensor& labels,
                       const Tensor& class_weights) {
    const auto type = log_probabilities.type();
    const bool ignores = call.has("ignore_index");
    const Tensor label = convert(labels, DataType::INT64);
    const Tensor counts =
        ignores ? not_equal(label, call.integer("ignore_index", 0)) : ones(label.dims(), DataType::BOOL);
    const Tensor safe = select(counts, label, zeros_like(label));
    const Tensor taken = squeeze(take_along_axis(log_probabilities, expand_dims(safe, 1), 1), 1);
    Tensor weights = convert(counts, type);
    if (class_weights.defined()) weights = weights * take(class_weights, safe);
    Tensor losses = select(counts, -taken * weights, zeros_like(taken));
    const auto reduction = call.text("reduction", "mean");
    if (reduction == "none") return losses;
    if (reduction == "sum") return sum(losses);
    if (reduction != "mean") call.refuse(fmt::format("reduction \"{}\" is none of none, sum, mean", reduction));
    return sum(losses) / sum(weights);
}

Tensors negative_log_likelihood(const Call& call) {
    return {likelihood_loss(call, call.in(0), call.in(1), call.optional(2))};
}

Tensors softmax_cross_entropy(const Call& call) {
    const Tensor log_probabilities = nn::log_softmax(call.in(0), 1);
    return {likelihood_loss(call, log_probabilities, call.in(1), call.optional(2)), log_probabilities};
}

constexpr NodeRow LOSS_ROWS[] = {
    {"", "NegativeLogLikelihoodLoss", 1, negative_log_likelihood},
    {"", "SoftmaxCrossEntropyLoss", 1, softmax_cross_entropy},
};

}  // namespace

std::span<const NodeRow> loss_rows() { return LOSS_ROWS; }

}  // namespace podium::onnx
