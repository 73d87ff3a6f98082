#include "podium/optim/muonclip.h"

namespace podium::optim {

/// Source: Kimi Team 2025, arXiv:2507.20534, algorithm 1.
///   m' = momentum * m + g, p' = p - learning_rate * (orthogonalized(m') * sqrt(max(rows, columns)) * 0.2 +
///   weight_decay * p)
GradientTransform muonclip(const Schedule& learning_rate, const MuonclipOptions& options) {
    return named("muonclip", muon(learning_rate, {.momentum = options.momentum,
                                                  .nesterov = false,
                                                  .consistent_rms = options.root_mean_square,
                                                  .weight_decay = options.weight_decay,
                                                  .beta1 = options.beta1,
                                                  .beta2 = options.beta2,
                                                  .matrices = options.matrices}));
}

Tensor clipped_heads(const Tensor& weight, const Tensor& greatest_logits, double threshold) {
    const std::int64_t heads = greatest_logits.dim(-1), size = weight.dim(-1) / std::max<std::int64_t>(heads, 1);
    if (heads * size != weight.dim(-1))
        fail(Code::SHAPE_MISMATCH, "clipped_heads: {} columns are not {} heads of one size", weight.dim(-1), heads);
    const Tensor scale = sqrt(minimum(threshold / maximum(greatest_logits, threshold), 1.0));
    Dims dims = greatest_logits.dims();
    dims.push_back(size);
    Tensor columns = broadcast_to(expand_dims(scale, scale.rank()), dims);
    dims.resize(dims.size() - 1);
    dims.back() = heads * size;
    columns = reshape(columns, dims);
    while (columns.rank() < weight.rank()) columns = expand_dims(columns, columns.rank() - 1);
    return weight * convert(columns, weight.type());
}

}  // namespace podium::optim
