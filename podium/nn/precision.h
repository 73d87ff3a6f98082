#pragma once

#include "podium/ir/ops.h"

namespace podium::nn {

/// The type in which parameters are kept, and the type in which a model computes with them. Losses are in f32 at least.
struct Precision {
    DataType parameters = DataType::FLOAT32;
    DataType compute = DataType::FLOAT32;

    bool operator==(const Precision&) const = default;
};

template <class V>
void visit_fields(V& v, Precision& options) {
    v("parameters", options.parameters, "data type in which parameters are kept");
    v("compute", options.compute, "data type in which the model computes");
}

/// Returns the tree with its floating-point leaves converted to `type`; integer leaves stay.
Tree cast_tree(const Tree& tree, DataType type, const Location& location = std::source_location::current());
/// Returns `x` as f32 where it is a 16-bit float, else as it is: for statistics and losses.
Tensor at_least_f32(const Operand& x);
/// Returns the number of elements of all leaves.
std::int64_t parameter_count(const Tree& tree);

}  // namespace podium::nn
