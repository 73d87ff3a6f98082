#pragma once

#include <functional>

#include "podium/ir/ops.h"

/// Losses of embeddings, rankings and structures. Computed in f32 at least; names and values are those of optax.losses.
namespace podium::nn {

/// Returns the normalized temperature-scaled cross-entropy, f32[]: embeddings with one label attract, others repel each
/// other. embeddings: float[batch, width]; labels: integers[batch]. NaN where no label is there twice.
/// Source: Chen et al. 2020, arXiv:2002.05709, equation 1; optax, ntxent.
Tensor ntxent(const Operand& embeddings, const Operand& labels, double temperature = 0.07);

struct TripletOptions {
    std::int64_t axis = -1;
    double degree = 2.0;  ///< of the norm
    double margin = 1.0;
    double epsilon = 1e-6;  ///< added before the root
};
/// Returns max(0, |anchor − positive| − |anchor − negative| + margin): the operands' shape without the axis.
/// Source: Schroff et al. 2015, arXiv:1503.03832, equation 3; optax, triplet_margin_loss.
Tensor triplet_margin_loss(const Operand& anchors, const Operand& positives, const Operand& negatives,
                           const TripletOptions& options = {});

struct RankingOptions {
    std::optional<Tensor> where = {};    ///< bool of the logits' shape: which items are there
    std::optional<Tensor> weights = {};  ///< of the labels
};
/// Returns −Σ relevance log softmax(scores) of each list of items: float[…] of logits and labels float[…, items].
/// Source: Cao et al. 2007, "Learning to Rank"; optax, ranking_softmax_loss without its mean.
Tensor ranking_softmax_loss(const Operand& logits, const Operand& labels, const RankingOptions& options = {});

/// Returns the loss max_function(scores) − Σ target score; its gradient is the difference of what the function's
/// gradient says and the target. max_function: float[…, n] to float[…], such as `logsumexp`.
/// Source: Blondel et al. 2020, arXiv:1901.02324; optax, make_fenchel_young_loss.
std::function<Tensor(const Operand& scores, const Operand& targets)> make_fenchel_young_loss(
    std::function<Tensor(const Tensor& scores)> max_function);

}  // namespace podium::nn
