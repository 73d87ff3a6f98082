#pragma once

#include "podium/ir/attention.h"
#include "podium/mesh/shard_map.h"

namespace podium {

// Attention of sequences whose length is split over a mesh's axis, inside of shard_map. q, k, v: float[batch, length of
// a device, heads, depth]; options.documents: integer[batch, length of a device]. The result has q's shape: it is this
// device's part of what `attention` gives for the whole length, and so are its gradients.

/// Keys and values go around the devices, so that none has those of the whole length. Scores are computed in f32 at
/// least. Source: Liu, Zaharia and Abbeel 2023, arXiv:2310.01889, algorithm 1.
Tensor ring_attention(const Operand& q, const Tensor& k, const Tensor& v, const std::string& axis,
                      const AttentionOptions& options = {});

/// Each device gets the whole length of some heads, and back; the axis divides the heads. Source: Jacobs et al. 2023,
/// arXiv:2309.14509, section 3.1 (DeepSpeed-Ulysses).
Tensor all_to_all_attention(const Operand& q, const Tensor& k, const Tensor& v, const std::string& axis,
                            const AttentionOptions& options = {});

}  // namespace podium
