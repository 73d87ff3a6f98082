#include "podium/generation/draw.h"

#include <algorithm>

#include "podium/nn/activations.h"

namespace podium::generation {
namespace {

/// Returns the logits that are at least `least`, [batch, 1]; the others can never be drawn.
Tensor at_least(const Tensor& logits, const Tensor& least) {
    return select(logits >= least, logits, broadcast_to(lowest(logits.type()), logits.dims()));
}

Tensor only_top(const Tensor& logits, std::int64_t count) {
    const auto kept = std::min(count, logits.dim(1));
    return at_least(logits, slice_axis(top_k(logits, kept).values, 1, kept - 1, kept));
}

Tensor only_probable(const Tensor& logits, double share) {
    const Tensor sorted = sort(logits, 1, true), chances = nn::softmax(sorted);
    const Tensor before = cumulative_sum(chances, 1) - chances;
    const Tensor kept = select(before < share, sorted, broadcast_to(highest(logits.type()), logits.dims()));
    return at_least(logits, min(kept, {1}, true));
}

}  // namespace

void expect_draw(const DrawOptions& options) {
    if (!(options.temperature >= 0))
        fail(Code::INVALID_ARGUMENT, "sample: temperature is {}; give 0 or more", options.temperature);
    if (options.top_k < 0) fail(Code::INVALID_ARGUMENT, "sample: top_k is {}; give 0 or more", options.top_k);
    if (!(options.top_p > 0 && options.top_p <= 1))
        fail(Code::INVALID_ARGUMENT, "sample: top_p is {}; give more than 0 and at most 1", options.top_p);
}

Tensor draw(const Tensor& logits, const Key& key, const DrawOptions& options) {
    if (options.temperature == 0) return argmax(logits, 1);
    Tensor kept = logits / options.temperature;
    if (options.top_k > 0) kept = only_top(kept, options.top_k);
    if (options.top_p < 1) kept = only_probable(kept, options.top_p);
    return categorical(key, kept);
}

}  // namespace podium::generation
