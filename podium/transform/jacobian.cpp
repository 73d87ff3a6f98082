#include "podium/transform/jacobian.h"

namespace podium {

Tensor basis_of(const Tensor& tensor) {
    Dims dims = tensor.dims();
    const auto count = tensor.shape().count();
    dims.insert(dims.begin(), count);
    return reshape(eye(count, tensor.type()), dims);
}

Tensors Raveled::leaves(const Tensor& flat) const {
    if (flat.dims() != vector.dims())
        fail(Code::SHAPE_MISMATCH, "ravel: {} is not the vector's own {}", to_string(flat.shape()),
             to_string(vector.shape()));
    Tensors results;
    std::int64_t start = 0;
    for (const auto& leaf : form) {
        const auto limit = start + leaf.shape().count();
        results.push_back(reshape(slice(flat, {start}, {limit}), leaf.dims()));
        start = limit;
    }
    return results;
}

Raveled ravel_leaves(const Tensors& leaves) {
    if (leaves.empty()) fail(Code::INVALID_ARGUMENT, "ravel: the tree has no leaves");
    Tensors pieces;
    for (const auto& leaf : leaves) {
        if (leaf.type() != leaves[0].type())
            fail(Code::DTYPE_MISMATCH, "ravel: leaves are {} and {}; one vector has one data type",
                 to_string(leaves[0].shape()), to_string(leaf.shape()));
        pieces.push_back(reshape(leaf, {-1}));
    }
    return {concatenate(pieces, 0), leaves};
}

}  // namespace podium
