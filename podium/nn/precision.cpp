#include "podium/nn/precision.h"

namespace podium::nn {

Tree cast_tree(const Tree& tree, DataType type, const Location& location) {
    return tree.map(
        [&](const Tensor& leaf) { return is_float(leaf.type()) ? convert(Operand(leaf, location), type) : leaf; });
}

Tensor at_least_f32(const Operand& x) {
    const DataType type = x.tensor().type();
    return is_float(type) && size_bytes(type) == 2 ? convert(x, DataType::FLOAT32) : x.tensor();
}

std::int64_t parameter_count(const Tree& tree) {
    std::int64_t count = 0;
    for (const Tensor& leaf : tree.leaves()) count += leaf.shape().count();
    return count;
}

}  // namespace podium::nn
