#pragma once

#include "podium/ir/ops.h"

namespace podium::generation {

/// How a token is chosen of its logits.
struct DrawOptions {
    double temperature = 1.0;  ///< 0 takes the likeliest token each time
    std::int64_t top_k = 0;    ///< draw from that many of the likeliest; 0 is all
    double top_p = 1.0;        ///< draw from as few of the likeliest as are that probable together
};

/// Throws INVALID_ARGUMENT for numbers that make no sense.
void expect_draw(const DrawOptions& options);
/// Returns i32[batch] tokens. logits: float[batch, vocabulary]. Sources: Fan et al. 2018, arXiv:1805.04833 (top k);
/// Holtzman et al. 2019, arXiv:1904.09751, section 3.1 (top p).
Tensor draw(const Tensor& logits, const Key& key, const DrawOptions& options);

}  // namespace podium::generation
