#include "podium/numeric/linalg_products.h"

#include <numeric>

#include "podium/base/dims.h"
#include "podium/ir/contraction.h"
#include "podium/ir/creation.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"
#include "podium/numeric/matrices.h"

namespace podium::linalg {
namespace {

Dims with_ones_in_front(const Dims& dims, std::size_t rank) {
    Dims result(rank - dims.size(), 1);
    result.insert(result.end(), dims.begin(), dims.end());
    return result;
}

}  // namespace

Tensor diagonal(const Operand& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    axis1 = normalize_axis("diagonal", axis1, tensor.rank(), x.location());
    axis2 = normalize_axis("diagonal", axis2, tensor.rank(), x.location());
    if (axis1 == axis2)
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("diagonal: dimension {} of {} is named twice; name two", axis1, to_string(tensor.shape())));
    Dims order = complement({axis1, axis2}, tensor.rank());
    order.insert(order.end(), {axis1, axis2});
    const Tensor last = transpose(tensor, order);
    const auto row = std::max<std::int64_t>(0, -offset), column = std::max<std::int64_t>(0, offset);
    const auto size = std::max<std::int64_t>(0, std::min(last.dim(-2) - row, last.dim(-1) - column));
    const auto rank = last.rank(), from_row = std::min(row, last.dim(-2)), from_column = std::min(column, last.dim(-1));
    return main_diagonal(
        slice_axis(slice_axis(last, rank - 2, from_row, from_row + size), rank - 1, from_column, from_column + size));
}

Tensor trace(const Operand& x, std::int64_t offset, std::int64_t axis1, std::int64_t axis2) {
    const LocationScope scope(x.location());
    const Tensor found = diagonal(x, offset, axis1, axis2);
    return sum(found, {found.rank() - 1});
}

Tensor diag(const Operand& x, std::int64_t offset) {
    const LocationScope scope(x.location());
    const Tensor& tensor = x.tensor();
    if (tensor.rank() == 2) return diagonal(x, offset);
    if (tensor.rank() != 1)
        fail_at(Code::SHAPE_MISMATCH, x.location(),
                fmt::format("diag: takes a vector or a matrix, got {}; `diagonal` takes more dimensions",
                            to_string(tensor.shape())));
    const Tensor zero = zeros({}, tensor.type());
    const Tensor square = select(eye(tensor.dim(0), DataType::BOOL), expand_dims(x, 1), zero);
    const auto above = std::max<std::int64_t>(0, offset), below = std::max<std::int64_t>(0, -offset);
    return pad(square, zero, {below, above}, {above, below});
}

Tensor outer(const Operand& x, const Operand& y) {
    const LocationScope scope(x.location());
    return reshape(x, {x.tensor().shape().count(), 1}) * reshape(y, {1, y.tensor().shape().count()});
}

Tensor inner(const Operand& x, const Operand& y) {
    const LocationScope scope(x.location());
    if (x.tensor().rank() == 0 || y.tensor().rank() == 0) return multiply(x, y);
    return tensordot(x, y, {-1}, {-1});
}

Tensor vdot(const Operand& x, const Operand& y) {
    const LocationScope scope(x.location());
    const auto flat = [](const Tensor& tensor) { return reshape(tensor, {tensor.shape().count()}); };
    return tensordot(flat(conj(x)), flat(y.tensor()), 1);
}

Tensor tensordot(const Operand& x, const Operand& y, const Dims& x_axes, const Dims& y_axes) {
    const LocationScope scope(x.location());
    if (x_axes.size() != y_axes.size())
        fail_at(
            Code::INVALID_ARGUMENT, x.location(),
            fmt::format("tensordot: [{}] of x and [{}] of y are not as many dimensions", join(x_axes), join(y_axes)));
    DotDimensions dimensions;
    for (const auto axis : x_axes)
        dimensions.lhs_contract.push_back(normalize_axis("tensordot", axis, x.tensor().rank(), x.location()));
    for (const auto axis : y_axes)
        dimensions.rhs_contract.push_back(normalize_axis("tensordot", axis, y.tensor().rank(), x.location()));
    return dot_general(x, y, dimensions);
}

Tensor tensordot(const Operand& x, const Operand& y, std::int64_t count) {
    if (count < 0 || count > x.tensor().rank() || count > y.tensor().rank())
        fail_at(Code::INVALID_ARGUMENT, x.location(),
                fmt::format("tensordot: {} and {} have no {} dimensions each", to_string(x.tensor().shape()),
                            to_string(y.tensor().shape()), count));
    return tensordot(x, y, counting(x.tensor().rank() - count, count), counting(0, count));
}

Tensor kron(const Operand& x, const Operand& y) {
    const LocationScope scope(x.location());
    const auto rank = std::max(x.tensor().dims().size(), y.tensor().dims().size());
    const Dims of_x = with_ones_in_front(x.tensor().dims(), rank), of_y = with_ones_in_front(y.tensor().dims(), rank);
    Dims left, right, whole;
    for (std::size_t i = 0; i < rank; ++i) {
        left.insert(left.end(), {of_x[i], 1});
        right.insert(right.end(), {1, of_y[i]});
        whole.push_back(of_x[i] * of_y[i]);
    }
    return reshape(reshape(x, left) * reshape(y, right), whole);
}

}  // namespace podium::linalg
