#pragma once

#include <optional>

#include "podium/ir/ops.h"

namespace podium::nn {

/// What attention of grouped heads sees, and how.
struct GroupedAttentionOptions {
    double scale = 1.0;     ///< of the scores
    double soft_cap = 0.0;  ///< scores become cap tanh(score / cap); 0 is none
    bool causal = true;     ///< a position sees itself and those before it; where `seen` is given, that counts
    std::optional<Tensor> seen = {};  ///< bool[batch or 1, queries, keys]: what each query sees
    std::optional<Tensor> bias = {};  ///< float[batch or 1, heads, queries, keys]: added to the scaled scores
};

/// Returns softmax(scale q kᵀ) v, [batch, queries, heads, depth], where so many neighbouring heads of queries share one
/// of keys and values. With neither `seen`, `bias` nor a cap, long texts' scores are never there all at once. q:
/// float[batch, queries, heads, depth]; k, v: [batch, keys, key heads, depth]. Throws SHAPE_MISMATCH. Source: Ainslie
/// et al. 2023, arXiv:2305.13245, section 2.2.
Tensor grouped_attention(const Operand& q, const Operand& k, const Operand& v, const GroupedAttentionOptions& options);

/// Returns the bias that makes keys fade with their distance, f32[1, heads, queries, keys]. places: i32[1, queries,
/// keys], each key's place less the query's. Source: Press et al. 2021, arXiv:2108.12409, section 3.
Tensor alibi_bias(const Operand& places, std::int64_t heads);

}  // namespace podium::nn
