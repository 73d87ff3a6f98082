#include "podium/transform/vmap.h"

#include "podium/ir/batching.h"

namespace podium {
namespace {

/// Returns the tensor with dimension `from` moved to `to`.
Tensor moved_axis(const Tensor& tensor, std::int64_t from, std::int64_t to) {
    Dims permutation = complement({from}, tensor.rank());
    permutation.insert(permutation.begin() + static_cast<std::ptrdiff_t>(to), from);
    return transpose(tensor, permutation);
}

}  // namespace

Tensor VmapTrace::enter(const Tensor& leaf, std::int64_t axis) {
    const auto at = normalize_axis("vmap", axis, leaf.rank(), location_);
    if (size_ >= 0 && leaf.dim(at) != size_)
        fail_at(
            Code::SHAPE_MISMATCH, location_,
            fmt::format("vmap: dimension {} of {} has {} examples, an earlier argument {}; the sizes must be equal, "
                        "or in_axes must say nullopt for what all share",
                        at, to_string(leaf.shape()), leaf.dim(at), size_));
    size_ = leaf.dim(at);
    mapped_.push_back(moved_axis(leaf, at, 0));
    Shape example = mapped_.back().shape();
    example = Shape(example.type, Dims(example.dims.begin() + 1, example.dims.end()));
    parameters_.push_back(scope_.parameter(example));
    return parameters_.back();
}

Tensors VmapTrace::leave(const Tensors& outputs, std::int64_t axis) const {
    if (size_ < 0)
        fail_at(Code::INVALID_ARGUMENT, location_,
                "vmap: no argument is mapped; give at least one tensor an axis in in_axes");
    Tensors results;
    for (const auto& result : batched(outputs, parameters_, mapped_, size_))
        results.push_back(moved_axis(result, 0, normalize_axis("vmap", axis, result.rank(), location_)));
    return results;
}

}  // namespace podium
