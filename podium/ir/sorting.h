#pragma once

#include "podium/ir/control.h"

namespace podium {

namespace rows {
extern const Op sort, top_k;
}

/// Returns the tensors sorted together along `axis`. `before` maps the scalars (x of the first tensor, y of the first,
/// x of the second, …) to whether x comes before y; it must be a strict weak order, and sees nothing from outside.
Tensors sort_by(const TensorFunction& before, const Tensors& tensors, std::int64_t axis = -1, bool stable = true,
                Location location = std::source_location::current());
/// Returns `x` in ascending (or descending) order along `axis`; NaN is greater than all others, complex numbers are
/// ordered by their real part first.
Tensor sort(const Operand& x, std::int64_t axis = -1, bool descending = false);
/// Returns the i32 indices that `sort` would take the elements from; equal elements keep their order.
Tensor argsort(const Operand& x, std::int64_t axis = -1, bool descending = false);

struct TopK {
    Tensor values, indices;  ///< [..., k], i32[..., k]
};
/// Returns the `k` greatest elements of the last dimension in descending order, and where they are.
TopK top_k(const Operand& x, std::int64_t k);

/// Returns the i32 number of elements of the ascending vector `sorted` that are less than (or, from the right, not
/// greater than) each of `values`: where NumPy's searchsorted would insert them.
Tensor searchsorted(const Operand& sorted, const Operand& values, bool from_right = false);

struct Unique {
    Tensor values;   ///< [size], ascending, then `fill`
    Tensor counts;   ///< i32[size]: how often each is there
    Tensor inverse;  ///< i32, x's shape: which of the values each element is
    Tensor count;    ///< i32[]: how many different values there are, of which `size` are kept
};
/// Returns the different values of `x`, at most `size` of them: a program's shapes are fixed. Source: jax.numpy.unique.
Unique unique(const Operand& x, std::int64_t size, const Operand& fill = 0);

std::span<const Op* const> sorting_ops();

}  // namespace podium
