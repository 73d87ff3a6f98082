#pragma once

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op slice, dynamic_slice, dynamic_update_slice, pad, split;
}

/// Returns x[starts[0]:limits[0]:strides[0], …]; strides default to 1.
Tensor slice(const Operand& x, Dims starts, Dims limits, Dims strides = {});
/// Returns x[…, start:limit, …] along one axis.
Tensor slice_axis(const Operand& x, std::int64_t axis, std::int64_t start, std::int64_t limit);
/// Returns `parts` equal pieces along `axis`.
Tensors split(const Operand& x, std::int64_t parts, std::int64_t axis);
/// Returns the piece of `sizes` that begins at `starts` (integer scalars, one a dimension), moved inside where it would
/// stick out.
Tensor dynamic_slice(const Operand& x, const Tensors& starts, Dims sizes);
/// Returns `x` with `update` written at `starts`, moved inside where it would stick out.
Tensor dynamic_update_slice(const Operand& x, const Operand& update, const Tensors& starts);
/// Returns `x` with `low`, `high` and (between elements) `interior` copies of the scalar `value` along each dimension.
Tensor pad(const Operand& x, const Operand& value, Dims low, Dims high, Dims interior = {});

std::span<const Op* const> slicing_ops();

}  // namespace podium
