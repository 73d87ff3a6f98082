// Making tensors, and moving their elements.
#include "bindings.h"

namespace podium::python {

void bind_creation(nb::module_& module) {
    module.def(
        "full", [](Dims dims, const Operand& value, DataType type) { return full(std::move(dims), value, type); },
        "shape"_a, "value"_a, "dtype"_a);
    module.def(
        "iota",
        [](Dims dims, std::int64_t axis, DataType type) { return iota(std::move(dims), axis, type, user_line()); },
        "shape"_a, "axis"_a, "dtype"_a, "Returns the index along `axis` at each element.");
    module.def(
        "linspace",
        [](const Operand& start, const Operand& stop, std::int64_t count, bool endpoint, DataType type) {
            return linspace(start, stop, count, endpoint, type);
        },
        "start"_a, "stop"_a, "count"_a, "endpoint"_a, "dtype"_a);
}

void bind_movement(nb::module_& module) {
    module.def(
        "broadcast_to", [](const Tensor& x, Dims dims) { return broadcast_to(x, std::move(dims), user_line()); }, "x"_a,
        "shape"_a);
    module.def("reshape", &reshape, "x"_a, "shape"_a);
    module.def("transpose", &transpose, "x"_a, "permutation"_a);
    module.def(
        "concatenate", [](const Tensors& parts, std::int64_t axis) { return concatenate(parts, axis, user_line()); },
        "parts"_a, "axis"_a);
    module.def(
        "stack", [](const Tensors& parts, std::int64_t axis) { return stack(parts, axis, user_line()); }, "parts"_a,
        "axis"_a);
    module.def("reverse", &reverse, "x"_a, "axes"_a);
    module.def("slice", &slice, "x"_a, "starts"_a, "limits"_a, "strides"_a);
    module.def("dynamic_slice", &dynamic_slice, "x"_a, "starts"_a, "sizes"_a);
    module.def("dynamic_update_slice", &dynamic_update_slice, "x"_a, "update"_a, "starts"_a);
    module.def("pad", &pad, "x"_a, "value"_a, "low"_a, "high"_a, "interior"_a);
    module.def("take", &take, "x"_a, "indices"_a, "axis"_a);
    module.def("take_along_axis", &take_along_axis, "x"_a, "indices"_a, "axis"_a);
    module.def(
        "put_along_axis",
        [](const Operand& x, const Operand& indices, const Operand& values, std::int64_t axis, bool adds) {
            return put_along_axis(adds ? &add : nullptr, x, indices, values, axis);
        },
        "x"_a, "indices"_a, "values"_a, "axis"_a, "adds"_a);
    module.def("one_hot", &one_hot, "indices"_a, "depth"_a, "dtype"_a);
    module.def(
        "roll", [](const Operand& x, const Dims& shifts, const Dims& axes) { return roll(x, shifts, axes); }, "x"_a,
        "shifts"_a, "axes"_a);
    module.def("tile", &tile, "x"_a, "counts"_a);
    module.def(
        "repeat",
        [](const Operand& x, const Dims& counts, std::int64_t axis) {
            return counts.size() == 1 ? repeat(x, counts[0], axis) : repeat(x, counts, axis);
        },
        "x"_a, "counts"_a, "axis"_a);
    module.def("triangle", &triangle, "x"_a, "upper"_a, "k"_a);
    module.def("sort", &sort, "x"_a, "axis"_a, "descending"_a);
    module.def("argsort", &argsort, "x"_a, "axis"_a, "descending"_a);
    module.def("searchsorted", &searchsorted, "sorted"_a, "values"_a, "from_right"_a);
    module.def("where", &where, "condition"_a, "x"_a, "y"_a);
}

}  // namespace podium::python
