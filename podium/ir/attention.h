#pragma once

#include <optional>

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op attention, attention_gradient;
}

struct AttentionOptions {
    bool causal = false;                   ///< a position sees itself and those before it
    std::optional<double> scale = {};      ///< of the scores; 1 / sqrt(depth) where none is given
    std::optional<Tensor> documents = {};  ///< integer[batch, length]: a position sees those that have its number
};

/// Returns softmax(scale q kᵀ) v for each head, [batch, queries, heads, depth]. q: float[batch, queries, heads, depth];
/// k, v: [batch, keys, heads, depth]. Scores are f32 at least, and those of long sequences are never there all at once.
/// `causal` and `documents` want as many keys as queries. Throws SHAPE_MISMATCH, DTYPE_MISMATCH.
/// Source: Vaswani et al. 2017, arXiv:1706.03762; its gradient: Dao et al. 2022, arXiv:2205.14135.
Tensor attention(const Operand& q, const Operand& k, const Operand& v, const AttentionOptions& options = {});

/// What an attention node, or one of its gradient, was recorded with.
struct AttentionNode {
    bool causal, has_documents;
    double scale;
    std::int64_t batch, queries, keys, heads, depth;
};
AttentionNode attention_node(const Node& node);

std::span<const Op* const> attention_ops();

}  // namespace podium
