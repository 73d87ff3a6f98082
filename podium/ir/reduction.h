#pragma once

#include <functional>
#include <optional>

#include "podium/ir/op.h"

namespace podium {

namespace rows {
extern const Op reduce, map;
}

/// Returns `x` with the dimensions `axes` combined by a row, from `initial`; no axes given means all of them.
Tensor reduce(const Binary& combiner, const Operand& x, const Operand& initial, Dims axes = {}, bool keep_dims = false);
/// The same for several tensors of one shape together: `combine` maps scalars (results so far…, elements…) to results,
/// and sees nothing else. It should be associative: the order is the backend's.
Tensors reduce_list(const std::function<Tensors(const Tensors&)>& combine, const Tensors& tensors,
                    const Tensors& initials, Dims axes, Location location = std::source_location::current());
/// Returns `f` of the scalars at each place of the tensors, which have one shape; f sees nothing else.
Tensor map_elements(const std::function<Tensors(const Tensors&)>& f, const Tensors& tensors,
                    Location location = std::source_location::current());
/// Sums in the operand's own type; 16-bit floats accumulate in f32 and round once.
Tensor sum(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor mean(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor max(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor min(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor product(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor any(const Operand& x, Dims axes = {}, bool keep_dims = false);
Tensor all(const Operand& x, Dims axes = {}, bool keep_dims = false);
/// Returns i32 indices of the first largest element along `axis`.
Tensor argmax(const Operand& x, std::int64_t axis);
/// Returns log(sum(exp(x))) along `axis`, computed stably.
Tensor logsumexp(const Operand& x, std::int64_t axis, bool keep_dims = false);

/// Returns what a reduction by the row starts from: 0 of add, 1 of multiply, -inf of maximum.
Tensor identity(const Binary& combiner, DataType type);
/// Returns the gradients of a reduction by a row, of operand 0 from operand 1, where that is not the row's identity:
/// those of `from_identity(operand 0)`, combined with operand 1 afterwards.
std::optional<Tensors> vjp_from_another_start(const VjpArguments& v,
                                              const std::function<Tensor(const Tensor&)>& from_identity);
/// Returns the least and the greatest value of a type: -inf and inf for floats.
Tensor lowest(DataType type);
Tensor highest(DataType type);

std::span<const Op* const> reduction_ops();

}  // namespace podium
