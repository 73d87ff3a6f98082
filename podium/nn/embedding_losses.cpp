#include "podium/nn/embedding_losses.h"

#include <limits>

#include "podium/ir/log_add_exp.h"
#include "podium/nn/loss_terms.h"
#include "podium/nn/precision.h"

namespace podium::nn {
namespace {

constexpr double NOTHING = -std::numeric_limits<double>::infinity();

Tensor distance(const Tensor& x, const Tensor& y, const TripletOptions& options) {
    const Tensor powers = sum(power(abs(x - y), options.degree), {options.axis});
    return power(powers + options.epsilon, 1.0 / options.degree);
}

}  // namespace

Tensor ntxent(const Operand& embeddings, const Operand& labels, double temperature) {
    const LocationScope scope(embeddings.location());
    expect_floats("ntxent", embeddings);
    const Shape &rows = embeddings.tensor().shape(), &names = labels.tensor().shape();
    if (rows.rank() != 2 || names.dims != Dims{rows.dims[0]})
        fail_at(Code::SHAPE_MISMATCH, embeddings.location(),
                fmt::format("ntxent: takes embeddings [batch,width] and labels [batch], got {} and {}", to_string(rows),
                            to_string(names)));
    const Tensor x = at_least_f32(embeddings);
    const double least =
        x.type() == DataType::FLOAT64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
    const Tensor unit = x / sqrt(maximum(sum(square(x), {1}, true), least));
    const Tensor scores = matmul(unit, transpose(unit)) / temperature;
    const Tensor same = equal(expand_dims(labels, 1), expand_dims(labels, 0));
    const Tensor pairs = same & logical_not(eye(x.dim(0), DataType::BOOL));
    const Tensor others = logsumexp(select(same, NOTHING, scores), 1, true);
    const Tensor shares = scores - log_add_exp(broadcast_to(others, scores.dims()), scores);
    return -sum(select(pairs, shares, 0.0)) / sum(convert(pairs, x.type()));
}

Tensor triplet_margin_loss(const Operand& anchors, const Operand& positives, const Operand& negatives,
                           const TripletOptions& options) {
    const LocationScope scope(anchors.location());
    expect_floats("triplet_margin_loss", anchors);
    expect_same_dims("triplet_margin_loss", anchors, positives);
    expect_same_dims("triplet_margin_loss", anchors, negatives);
    const Tensor x = at_least_f32(anchors);
    return maximum(
        distance(x, at_least_f32(positives), options) - distance(x, at_least_f32(negatives), options) + options.margin,
        0.0);
}

Tensor ranking_softmax_loss(const Operand& logits, const Operand& labels, const RankingOptions& options) {
    const LocationScope scope(logits.location());
    expect_floats("ranking_softmax_loss", logits);
    expect_same_dims("ranking_softmax_loss", logits, labels);
    const Tensor x = at_least_f32(logits);
    Tensor relevance = convert(labels, x.type());
    if (options.weights) relevance = relevance * convert(*options.weights, x.type());
    const Along items{.where = options.where};
    return -sum_along(relevance * log_shares(x, items), items);
}

std::function<Tensor(const Operand&, const Operand&)> make_fenchel_young_loss(
    std::function<Tensor(const Tensor&)> max_function) {
    return [greatest = std::move(max_function)](const Operand& scores, const Operand& targets) {
        const LocationScope scope(scores.location());
        expect_floats("fenchel_young_loss", scores);
        expect_same_dims("fenchel_young_loss", scores, targets);
        const Tensor x = at_least_f32(scores);
        return greatest(x) - sum(convert(targets, x.type()) * x, {-1});
    };
}

}  // namespace podium::nn
