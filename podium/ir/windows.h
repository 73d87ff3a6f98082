#pragma once

#include "podium/ir/control.h"

namespace podium {

namespace rows {
extern const Op reduce_window, select_and_scatter, select_and_gather;
}

/// Where windows lie: sizes for every dimension; what is left empty is 1 (or, of the edges, 0) for every dimension.
struct Window {
    Dims sizes;
    Dims strides = {}, base_dilations = {}, window_dilations = {};
    Dims low = {}, high = {};  ///< padding with the initial value; may be negative
};
/// Returns the window with every member filled in; throws SHAPE_MISMATCH where one does not fit `x`.
Window filled_window(std::string_view op, const Tensor& x, Window window, const Location& location);
/// Returns how many windows lie along each dimension of `dims`.
Dims window_counts(const Dims& dims, const Window& window);
/// Returns low and high padding for windows at every stride-th element: ceil(size / stride) of them. Source: XLA's
/// SAME.
std::pair<Dims, Dims> same_padding(const Dims& dims, const Window& window);

/// Returns the elements of each window combined by a row, from `initial`.
Tensor reduce_window(const Binary& combiner, const Operand& x, const Operand& initial, const Window& window);
/// The same for several tensors of one shape together: `combine` maps scalars (results so far…, elements…) to results.
Tensors reduce_window_list(const TensorFunction& combine, const Tensors& tensors, const Tensors& initials,
                           const Window& window, Location location = std::source_location::current());

/// Returns zeros like `x` with each element of `source` added where its window's chosen element lies: the one that is
/// `select`ed (greater_equal: the greatest) against the others. Windows do not dilate here.
Tensor select_and_scatter(const Binary& select, const Operand& x, const Operand& source, const Window& window);
/// Returns the element of `values` where each window's chosen element of `x` lies.
Tensor select_and_gather(const Binary& select, const Operand& x, const Operand& values, const Window& window);

std::span<const Op* const> window_ops();

}  // namespace podium
