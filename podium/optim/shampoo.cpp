#include "podium/optim/shampoo.h"

#include "podium/numeric/matrices.h"
#include "podium/optim/matrix_method.h"
#include "podium/optim/moments.h"
#include "podium/optim/tree_math.h"

namespace podium::optim {
namespace {

constexpr double SMALLEST_NORM = 1e-30;
constexpr int ROOT_ITERATIONS = 50;

/// Returns the norms of matrices: […, 1, 1], no less than what may divide.
Tensor matrix_norm(const Tensor& x) {
    return maximum(sqrt(sum(square(x), {x.rank() - 2, x.rank() - 1}, true)), SMALLEST_NORM);
}

/// How matrices are split into blocks, zeros filling the last ones.
struct Blocks {
    std::int64_t rows, columns, height, width;  ///< of the matrix, and of a block

    Blocks(const Tensor& x, std::int64_t block)
        : rows(x.dim(-2)), columns(x.dim(-1)), height(std::min(rows, block)), width(std::min(columns, block)) {}
    std::int64_t down() const { return (rows + height - 1) / height; }
    std::int64_t across() const { return (columns + width - 1) / width; }
    /// Returns the dimensions of a tensor with so many rows and columns for each block.
    Dims dims(const Tensor& x, std::int64_t inner_rows, std::int64_t inner_columns) const {
        Dims all(x.dims().begin(), x.dims().end() - 2);
        all.insert(all.end(), {down(), across(), inner_rows, inner_columns});
        return all;
    }
    /// Returns […, down, across, height, width] of […, rows, columns].
    Tensor split(const Tensor& x) const {
        Dims low(x.dims().size(), 0), high = low;
        high[high.size() - 2] = down() * height - rows;
        high[high.size() - 1] = across() * width - columns;
        Dims parts(x.dims().begin(), x.dims().end() - 2);
        parts.insert(parts.end(), {down(), height, across(), width});
        return swap_axes(reshape(pad(x, 0.0, low, high), parts), -3, -2);
    }
    /// Returns what `split` was made of.
    Tensor joined(const Tensor& blocks) const {
        Dims dims(blocks.dims().begin(), blocks.dims().end() - 4);
        dims.insert(dims.end(), {down() * height, across() * width});
        Tensor whole = reshape(swap_axes(blocks, -3, -2), dims);
        whole = slice_axis(whole, whole.rank() - 2, 0, rows);
        return slice_axis(whole, whole.rank() - 1, 0, columns);
    }
};

/// Returns the root of a statistic that need not have full rank.
Tensor ridged_root(const Tensor& statistic, double ridge) {
    const Tensor a = wide(statistic);
    return convert(inverse_fourth_root(a + ridge * matrix_norm(a) * eye(a.dim(-1), a.type())), statistic.type());
}

}  // namespace

/// From M = z a, H = z^(1/4) I with z = 5 / (2 |a|): T = (5 I - M) / 4, M' = T^4 M, H' = H T, until M is I. All of M's
/// eigenvalues come nearer to one, the small ones slowly at first; rounding ends it where they go away again.
Tensor inverse_fourth_root(const Tensor& a) {
    const Tensor unit = broadcast_to(eye(a.dim(-1), a.type()), a.dims()), z = 2.5 / matrix_norm(a);
    const double least = 4.0 * linalg::epsilon(a.type()) * static_cast<double>(a.dim(-1));
    const auto error_of = [&](const Tensor& m) { return max(matrix_norm(m - unit)); };
    const auto body = [&](const Tensors& state) {
        const Tensor &m = state[0], &root = state[1], &error = state[2];
        const Tensor step = (5.0 * unit - m) / 4.0, squared = matmul(step, step);
        const Tensor next = matmul(matmul(squared, squared), m), next_error = error_of(next);
        const Tensor goes_away = next_error > 1.2 * error;
        return Tensors{next, select(broadcast_to(goes_away, a.dims()), root, matmul(root, step)), next_error,
                       state[3] + 1, logical_not(goes_away) & (next_error > least)};
    };
    const auto goes_on = [](const Tensors& state) { return Tensors{state[4] & (state[3] < ROOT_ITERATIONS)}; };
    const Tensor m = z * a, error = error_of(m);
    return while_loop(goes_on, body, {m, sqrt(sqrt(z)) * unit, error, zeros({}, DataType::INT32), error > least})[1];
}

/// Source: Gupta, Koren and Singer 2018, arXiv:1802.09568, algorithm 1; Shi et al. 2023, arXiv:2309.06497, algorithm 2
/// (means, blocks, Adam's length of a step).
///   m' = (1 - beta1) * g + beta1 * m, L' = (1 - beta2) * g g^T + beta2 * L, R' = (1 - beta2) * g^T g + beta2 * R
///   w  = L'^(-1/4) m' R'^(-1/4), u = w * |a| / |w|, a being Adam's step
/// L and R are not corrected for their first steps: neither the ridge nor the length of u knows their scale.
GradientTransform scale_by_shampoo(const ShampooOptions& options) {
    expect_positive("scale_by_shampoo", options.every);
    if (options.block < 1)
        fail(Code::INVALID_ARGUMENT, "scale_by_shampoo: blocks of {} rows; give at least 1", options.block);
    const auto side = [block = options.block](bool of_rows) {
        return [=](const Tensor& p) {
            const Blocks blocks(p, block);
            const auto size = of_rows ? blocks.height : blocks.width;
            return zeros(blocks.dims(p, size, size), p.type());
        };
    };
    const auto roots_of = [ridge = options.ridge](const Tensors& operands) {
        return Tensors{ridged_root(operands[0], ridge), ridged_root(operands[1], ridge)};
    };
    return per_leaf(
        "scale_by_shampoo",
        {slot("first_moment", zeros_like), slot("second_moment", zeros_like), slot("left", side(true)),
         slot("right", side(false)), slot("left_root", side(true)), slot("right_root", side(false))},
        [=](const Leaf& leaf) {
            const Blocks blocks(leaf.update, options.block);
            const Tensor split = blocks.split(leaf.update), turned = swap_axes(split, -2, -1);
            const Tensor first = moved(leaf.slots[0], options.beta1, leaf.update);
            const Tensor second = moved(leaf.slots[1], options.beta2, square(leaf.update));
            const Tensor left = moved(leaf.slots[2], options.beta2, matmul(split, turned));
            const Tensor right = moved(leaf.slots[3], options.beta2, matmul(turned, split));
            const Tensors roots = cond(leaf.scalars[2] > 0.0, roots_of,
                                       [](const Tensors& operands) {
                                           return Tensors{operands[2], operands[3]};
                                       },
                                       {left, right, leaf.slots[4], leaf.slots[5]});
            const Tensor corrected = first / leaf.scalars[0];
            const Tensor adam = corrected / (sqrt(second / leaf.scalars[1]) + options.epsilon);
            const Tensor way = blocks.joined(matmul(matmul(roots[0], blocks.split(corrected)), roots[1]));
            return leaf.with(way * (matrix_norm(adam) / matrix_norm(way)),
                             {first, second, left, right, roots[0], roots[1]});
        },
        [=](const Tensor& count, DataType type) -> Tensors {
            Tensors numbers = corrections({options.beta1, options.beta2})(count, type);
            numbers.push_back(convert(equal(remainder(count, options.every), 0), type));
            return numbers;
        });
}

GradientTransform shampoo(const Schedule& learning_rate, const ShampooOptions& options) {
    return named("shampoo", adamw_but_for_matrices(scale_by_shampoo(options), options.matrices, learning_rate,
                                                   {.beta1 = options.beta1,
                                                    .beta2 = options.beta2,
                                                    .epsilon = options.epsilon,
                                                    .weight_decay = options.weight_decay,
                                                    .mask = options.mask}));
}

}  // namespace podium::optim
