#include "podium/optim/muon.h"

#include <cmath>

#include "podium/optim/adamw.h"
#include "podium/optim/moments.h"
#include "podium/optim/nadam.h"
#include "podium/optim/partition.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// Returns how much longer steps of a matrix are than its orthogonal one.
double width_scale(const Tensor& x, double consistent_rms) {
    const auto rows = static_cast<double>(x.dim(-2)), columns = static_cast<double>(x.dim(-1));
    return consistent_rms > 0.0 ? std::sqrt(std::max(rows, columns)) * consistent_rms
                                : std::sqrt(std::max(1.0, columns / rows));
}

}  // namespace

bool is_layer_matrix(std::string_view, const Shape& shape) { return shape.rank() == 2; }

/// Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; optax,
/// contrib.orthogonalize_via_newton_schulz: x' = 3.4445 x - 4.775 (x x^T) x + 2.0315 (x x^T)^2 x, from x / (|x| +
/// epsilon).
Tensor orthogonalized(const Tensor& x, std::int64_t iterations, double epsilon) {
    const bool tall = x.dim(-2) > x.dim(-1);
    Tensor wide = tall ? swap_axes(x, -2, -1) : x;
    wide = wide / (sqrt(sum(square(wide), {x.rank() - 2, x.rank() - 1}, true)) + epsilon);
    for (std::int64_t i = 0; i < iterations; ++i) {
        const Tensor products = matmul(wide, swap_axes(wide, -2, -1));
        wide = 3.4445 * wide + matmul(-4.775 * products + matmul(2.0315 * products, products), wide);
    }
    return tall ? swap_axes(wide, -2, -1) : wide;
}

/// Source: optax, contrib.scale_by_muon; Liu et al. 2025, arXiv:2502.16982 (consistent_rms).
///   m' = (1 - momentum) * g + momentum * m
///   u  = orthogonalized(momentum * m' / (1 - momentum^(t + 1)) + (1 - momentum) * g / (1 - momentum^t)), or of
///   m' / (1 - momentum^t) without Nesterov's form
GradientTransform scale_by_muon(const MuonOptions& options) {
    return per_leaf(
        "scale_by_muon", {slot("first_moment", zeros_like)},
        [=](const Leaf& leaf) {
            const double beta = options.momentum;
            const Tensor first = moved(leaf.slots[0], beta, leaf.update);
            const Tensor ahead = options.nesterov
                                     ? beta * (first / leaf.scalars[1]) + (1.0 - beta) * (leaf.update / leaf.scalars[0])
                                     : first / leaf.scalars[0];
            const double scale = width_scale(first, options.consistent_rms);
            return leaf.with(scale * orthogonalized(ahead, options.iterations, options.epsilon), {first});
        },
        [beta = options.momentum](const Tensor& count, DataType type) -> Tensors {
            const Tensor now = safe_increment(count), next = safe_increment(now);
            return {1.0 - power(beta, convert(now, type)), 1.0 - power(beta, convert(next, type))};
        });
}

GradientTransform muon(const Schedule& learning_rate, const MuonOptions& options) {
    const auto of_matrices =
        chain(scale_by_muon(options), add_decayed_weights(options.weight_decay), scale_by_learning_rate(learning_rate));
    const auto of_rest =
        options.nesterov
            ? nadam(learning_rate, {.beta1 = options.beta1, .beta2 = options.beta2, .epsilon = options.epsilon})
            : adam(learning_rate, {.beta1 = options.beta1, .beta2 = options.beta2, .epsilon = options.epsilon});
    return named("muon", partition({{"muon", options.matrices, of_matrices}, {"adam", {}, of_rest}}));
}

}  // namespace podium::optim
