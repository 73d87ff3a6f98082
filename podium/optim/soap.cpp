#include "podium/optim/soap.h"

#include "podium/numeric/linalg_factor.h"
#include "podium/numeric/linalg_spectral.h"
#include "podium/optim/matrix_method.h"
#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

/// One side of matrices: its statistic and basis, […, n, n], without elements where it has none.
struct Side {
    std::int64_t axis;  ///< -2: rows, -1: columns
    bool has_basis;

    /// Returns g g^T or g^T g.
    Tensor products(const Tensor& g) const {
        const Tensor other = swap_axes(g, -2, -1);
        return axis == -2 ? matmul(g, other) : matmul(other, g);
    }
    /// Returns x in the basis, or from it.
    Tensor rotated(const Tensor& x, const Tensor& basis, bool into) const {
        if (!has_basis) return x;
        const Tensor other = swap_axes(basis, -2, -1);
        return axis == -2 ? matmul(into ? other : basis, x) : matmul(x, into ? basis : other);
    }
};

Tensor taken_along(const Tensor& x, const Tensor& order, std::int64_t axis) {
    const Tensor indices = expand_dims(order, axis == -2 ? order.rank() : order.rank() - 1);
    return take_along_axis(x, broadcast_to(indices, x.dims()), x.rank() + axis);
}

/// Returns the eigenvectors, those of the greatest values first.
Tensor eigenbasis(const Tensor& statistic) {
    const Tensor vectors = linalg::eigh(wide(statistic)).vectors;
    return convert(reverse(vectors, {vectors.rank() - 1}), statistic.type());
}

/// Returns the basis after one step of the power method, its columns in the order of their present values, and brings
/// the second moment into that order.
Tensor next_basis(const Side& side, const Tensor& statistic, const Tensor& basis, Tensor& second) {
    const Tensor product = matmul(statistic, basis);
    const Tensor order = argsort(sum(basis * product, {basis.rank() - 2}), -1, true);
    second = taken_along(second, order, side.axis);
    return convert(linalg::qr(wide(taken_along(product, order, -1))).q, basis.type());
}

}  // namespace

/// Source: Vyas et al. 2024, arXiv:2409.11321, algorithm 3; its authors' program (github.com/nikhilvyas/SOAP).
///   m' = (1 - beta1) * g + beta1 * m, r = Q_L^T g Q_R, v' = (1 - beta2) * r^2 + beta2 * v
///   u  = Q_L (Q_L^T m' Q_R / (sqrt(v') + epsilon)) Q_R^T * sqrt(1 - beta2^t) / (1 - beta1^t)
///   L' = (1 - beta2) * g g^T + beta2 * L, R' likewise; every so many updates Q = the Q of L' Q's QR factorization
GradientTransform scale_by_soap(const SoapOptions& options) {
    expect_positive("scale_by_soap", options.every);
    const auto side_of = [largest = options.largest](const Tensor& x, std::int64_t axis) {
        return Side{axis, x.dim(axis) <= largest};
    };
    const auto square_of = [=](std::int64_t axis) {
        return [=](const Tensor& p) {
            const std::int64_t size = side_of(p, axis).has_basis ? p.dim(axis) : 0;
            Dims dims = p.dims();
            dims[dims.size() - 2] = dims[dims.size() - 1] = size;
            return zeros(dims, p.type());
        };
    };
    return per_leaf(
        "scale_by_soap",
        {slot("first_moment", zeros_like), slot("second_moment", zeros_like), slot("left", square_of(-2)),
         slot("right", square_of(-1)), slot("left_basis", square_of(-2)), slot("right_basis", square_of(-1))},
        [=](const Leaf& leaf) {
            const Tensor& gradient = leaf.update;
            const std::array sides{side_of(gradient, -2), side_of(gradient, -1)};
            const auto rotated = [&](Tensor x, bool into) {
                for (std::size_t i = 0; i < 2; ++i) x = sides[i].rotated(x, leaf.slots[4 + i], into);
                return x;
            };
            const Tensor is_first = leaf.scalars[2] > 0.0, is_due = leaf.scalars[3] > 0.0;
            const auto unless_first = [&](const Tensor& x, const Tensor& first) {
                return select(broadcast_to(is_first, x.dims()), first, x);
            };
            const Tensor first = unless_first(moved(leaf.slots[0], options.beta1, gradient), zeros_like(gradient));
            const Tensor second = unless_first(moved(leaf.slots[1], options.beta2, square(rotated(gradient, true))),
                                               zeros_like(gradient));
            const Tensor scale = sqrt(leaf.scalars[1]) / leaf.scalars[0];
            const Tensor step = rotated(scale * rotated(first, true) / (sqrt(second) + options.epsilon), false);

            Tensors operands{second};
            for (std::size_t i = 0; i < 2; ++i)
                operands.push_back(sides[i].has_basis
                                       ? moved(leaf.slots[2 + i], options.beta2, sides[i].products(gradient))
                                       : leaf.slots[2 + i]);
            operands.insert(operands.end(), {leaf.slots[4], leaf.slots[5]});
            const auto begin = [&](const Tensors& x) {
                Tensors results{x[0], x[3], x[4]};
                for (std::size_t i = 0; i < 2; ++i)
                    if (sides[i].has_basis) results[1 + i] = eigenbasis(x[1 + i]);
                return results;
            };
            const auto turn = [&](const Tensors& x) {
                Tensors results{x[0], x[3], x[4]};
                for (std::size_t i = 0; i < 2; ++i)
                    if (sides[i].has_basis) results[1 + i] = next_basis(sides[i], x[1 + i], x[3 + i], results[0]);
                return results;
            };
            const auto keep = [](const Tensors& x) { return Tensors{x[0], x[3], x[4]}; };
            const Tensors next =
                switch_case(select(is_first, zeros({}, DataType::INT32), select(is_due, ones({}, DataType::INT32), 2)),
                            {begin, turn, keep}, operands);
            return leaf.with(unless_first(step, zeros_like(step)),
                             {first, next[0], operands[1], operands[2], next[1], next[2]});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            // The first update does not count.
            Tensors numbers = corrections({options.beta1, options.beta2})(maximum(count - 1, 0), type);
            numbers.push_back(convert(equal(count, 0), type));
            numbers.push_back(convert(equal(remainder(count, options.every), 0), type));
            return numbers;
        });
}

GradientTransform soap(const Schedule& learning_rate, const SoapOptions& options) {
    return named("soap", adamw_but_for_matrices(scale_by_soap(options), options.matrices, learning_rate,
                                                {.beta1 = options.beta1,
                                                 .beta2 = options.beta2,
                                                 .epsilon = options.epsilon,
                                                 .weight_decay = options.weight_decay,
                                                 .mask = options.mask}));
}

}  // namespace podium::optim
