// Reductions, running reductions, and products.
#include "bindings.h"

namespace podium::python {

void bind_reductions(nb::module_& module) {
    using Reduction = Tensor (*)(const Operand&, Dims, bool);
    for (const auto& [name, function] : std::initializer_list<std::pair<const char*, Reduction>>{{"sum", sum},
                                                                                                 {"mean", mean},
                                                                                                 {"max", max},
                                                                                                 {"min", min},
                                                                                                 {"product", product},
                                                                                                 {"any", any},
                                                                                                 {"all", all}})
        module.def(name, function, "x"_a, "axes"_a, "keep_dims"_a);
    module.def("variance", &variance, "x"_a, "axes"_a, "keep_dims"_a, "correction"_a);
    module.def("standard_deviation", &standard_deviation, "x"_a, "axes"_a, "keep_dims"_a, "correction"_a);
    module.def("argmax", &argmax, "x"_a, "axis"_a);
    module.def("argmin", &argmin, "x"_a, "axis"_a);
    module.def("logsumexp", &logsumexp, "x"_a, "axis"_a, "keep_dims"_a);
    module.def(
        "top_k",
        [](const Operand& x, std::int64_t k) {
            TopK top = top_k(x, k);
            return std::pair(std::move(top.values), std::move(top.indices));
        },
        "x"_a, "k"_a);
    using Running = Tensor (*)(const Operand&, std::int64_t, bool);
    for (const auto& [name, function] :
         std::initializer_list<std::pair<const char*, Running>>{{"cumulative_sum", cumulative_sum},
                                                                {"cumulative_product", cumulative_product},
                                                                {"cumulative_max", cumulative_max},
                                                                {"cumulative_min", cumulative_min},
                                                                {"cumulative_logsumexp", cumulative_logsumexp}})
        module.def(name, function, "x"_a, "axis"_a, "reversed"_a);
    module.def("matmul", &matmul, "x"_a, "y"_a);
    module.def(
        "einsum",
        [](std::string_view subscripts, const Tensors& operands) { return einsum(subscripts, operands, user_line()); },
        "subscripts"_a, "operands"_a);
    module.def(
        "tensordot",
        [](const Operand& x, const Operand& y, const Dims& x_axes, const Dims& y_axes) {
            return linalg::tensordot(x, y, x_axes, y_axes);
        },
        "x"_a, "y"_a, "x_axes"_a, "y_axes"_a);
}

}  // namespace podium::python
