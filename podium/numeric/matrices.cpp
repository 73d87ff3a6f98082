#include "podium/numeric/matrices.h"

#include <cmath>

#include "podium/ir/creation.h"
#include "podium/ir/custom.h"
#include "podium/ir/elementwise.h"
#include "podium/ir/indexing.h"
#include "podium/ir/movement.h"
#include "podium/ir/reduction.h"
#include "podium/ir/slicing.h"

namespace podium::linalg {
namespace {

/// The order to which derivatives reuse the results.
constexpr int REUSED_ORDERS = 2;

/// Returns `found`, the results of `compute`, as functions of the operands that have derivatives. The rule's own
/// results are such functions again, so that it can be differentiated: `order` times, then `compute` is.
Tensors attached(const TensorFunction& compute, const DerivativeRule& rule, const Tensors& operands,
                 const Tensors& found, int order, const Location& location) {
    if (order == 0) return compute(operands);
    const auto given = static_cast<std::ptrdiff_t>(operands.size());
    Tensors inputs = operands;
    for (const auto& result : found)
        if (is_inexact(result.type())) inputs.push_back(result);
    const auto replaced = [&](std::span<const Tensor> inexact) {
        Tensors all = found;  // integers are constants to the derivative
        std::size_t next = 0;
        for (auto& result : all)
            if (is_inexact(result.type())) result = inexact[next++];
        return all;
    };
    const Tensors own = custom_jvp_list([&](const Tensors& in) { return Tensors(in.begin() + given, in.end()); },
                                        [&](const Tensors& in) {
                                            const auto count = static_cast<std::ptrdiff_t>(inputs.size());
                                            const Tensors at(in.begin(), in.begin() + given);
                                            const Tensors values =
                                                replaced(std::span(in).subspan(static_cast<std::size_t>(given)));
                                            return rule(at, attached(compute, rule, at, values, order - 1, location),
                                                        {in.begin() + count, in.begin() + count + given});
                                        },
                                        inputs, location);
    return replaced(own);
}

}  // namespace

void expect_matrices(std::string_view op, const Tensor& x, const Location& location) {
    if (!is_inexact(x.type()))
        fail_at(
            Code::DTYPE_MISMATCH, location,
            fmt::format("{}: takes floating-point and complex numbers, got {}; convert it", op, to_string(x.shape())));
    if (x.rank() < 2)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: {} has no matrices; they are the last two dimensions", op, to_string(x.shape())));
}

void expect_square_matrices(std::string_view op, const Tensor& x, const Location& location) {
    expect_matrices(op, x, location);
    if (x.dim(-1) != x.dim(-2))
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: {} has no square matrices in its last two dimensions", op, to_string(x.shape())));
}

Tensor flat_matrices(const Tensor& x) {
    std::int64_t batch = 1;
    for (std::int64_t i = 0; i < x.rank() - 2; ++i) batch *= x.dim(i);
    return reshape(x, {batch, x.dim(-2), x.dim(-1)});
}

Tensor batched_like(const Tensor& x, const Tensor& like) {
    Dims dims(like.dims().begin(), like.dims().end() - 2);
    dims.insert(dims.end(), x.dims().begin() + 1, x.dims().end());
    return reshape(x, dims);
}

Tensor with_leading_of(std::string_view op, const Tensor& x, const Tensor& other, const Location& location) {
    const auto leading = [](const Tensor& tensor) { return Dims(tensor.dims().begin(), tensor.dims().end() - 2); };
    auto both = broadcast_dims(leading(x), leading(other));
    if (!both)
        fail_at(Code::SHAPE_MISMATCH, location,
                fmt::format("{}: the leading dimensions of {} and {} do not broadcast", op, to_string(x.shape()),
                            to_string(other.shape())));
    both->insert(both->end(), x.dims().end() - 2, x.dims().end());
    return *both == x.dims() ? x : broadcast_to(x, *both, location);
}

Tensor rows_at(const Tensor& x, const Tensor& rows) {
    return gather(x, expand_dims(rows, -1),
                  {.offset = {2},
                   .collapsed = {1},
                   .start_index_map = {1},
                   .index_vector = 2,
                   .slice_sizes = {1, 1, x.dim(2)},
                   .operand_batch = {0},
                   .start_batch = {0}});
}

Tensor columns(const Tensor& x, std::int64_t first, std::int64_t size) {
    return slice_axis(x, x.rank() - 1, first, first + size);
}

Tensor main_diagonal(const Tensor& x) {
    const auto m = x.dim(-2), n = x.dim(-1), size = std::min(m, n);
    const Tensor square = slice_axis(columns(x, 0, size), x.rank() - 2, 0, size);
    Dims dims(x.dims().begin(), x.dims().end() - 2);
    dims.push_back(size * size);
    Dims strides(dims.size(), 1);
    strides.back() = size + 1;
    return slice(reshape(square, dims), Dims(dims.size(), 0), dims, strides);
}

Tensor squared_magnitude(const Tensor& x) {
    return is_complex(x.type()) ? square(real(x)) + square(imag(x)) : square(x);
}

Tensor divided_where_not_zero(const Tensor& x, const Tensor& divisor) {
    const Tensor zero = equal(divisor, 0.0);
    const Tensor quotient = divide(x, select(zero, ones_like(divisor), divisor));
    return select(broadcast_to(zero, quotient.dims()), zeros_like(quotient), quotient);
}

double epsilon(DataType type) {
    switch (part_type(type)) {
        case DataType::FLOAT64: return 0x1p-52;
        case DataType::FLOAT16: return 0x1p-10;
        case DataType::BFLOAT16: return 0x1p-7;
        default: return 0x1p-23;
    }
}

Tensors with_derivative(const TensorFunction& compute, const DerivativeRule& rule, const Tensors& operands,
                        const Location& location) {
    Tensors still;
    for (const auto& operand : operands) still.push_back(stop_gradient(operand));
    return attached(compute, rule, operands, compute(still), REUSED_ORDERS, location);
}

}  // namespace podium::linalg
