// The elementwise rows, each as a function of its name, and the operators of Tensor that are rows.
#include "promotion.h"

namespace podium::python {
namespace {

/// Returns the row's result of its operands, which must be of one type.
Tensor call(const Op& row, const Tensors& operands) {
    const Location line = user_line();
    const auto at = [&](std::size_t i) { return Operand(operands[i], line); };
    if (row.arity == 1) return static_cast<const Unary&>(row)(at(0));
    if (row.arity == 2) return static_cast<const Binary&>(row)(at(0), at(1));
    return static_cast<const Ternary&>(row)(at(0), at(1), at(2));
}

Tensor call(const Op& row, std::span<const nb::handle> operands) { return call(row, promoted(operands, row)); }

/// Returns a text for Python's help.
std::string description(const Op& row) {
    return fmt::format("The operation `{}`, element by element. Source: {}.", row.name, row.spec);
}

/// Adds an operator whose operands are promoted; other Python classes get their turn.
void add_operator(nb::object& tensor, const char* name, const Op& row, bool reflected) {
    nb::setattr(tensor, name,
                nb::cpp_function(
                    [&row, reflected](nb::handle x, nb::handle y) -> nb::object {
                        if (!nb::isinstance<Tensor>(y) && PyNumber_Check(y.ptr()) == 0 && !nb::hasattr(y, "__array__"))
                            return nb::borrow(Py_NotImplemented);
                        const std::array<nb::handle, 2> operands = reflected ? std::array{y, x} : std::array{x, y};
                        return nb::cast(call(row, operands));
                    },
                    nb::is_method(), nb::name(name), nb::scope(tensor)));
}

}  // namespace

void bind_rows(nb::module_& module) {
    auto rows_module = module.def_submodule("rows", "Every elementwise operation, by its own name.");
    for (const Op* row : elementwise_ops()) {
        const std::string text = description(*row);
        if (row->arity == 1)
            rows_module.def(
                row->name.data(), [row](nb::handle x) { return call(*row, std::array{x}); }, "x"_a, text.c_str());
        if (row->arity == 2)
            rows_module.def(
                row->name.data(),
                [row](nb::handle x, nb::handle y) {
                    return call(*row, std::array{x, y});
                },
                "x"_a, "y"_a, text.c_str());
        if (row->arity == 3)
            rows_module.def(
                row->name.data(),
                [row](nb::handle x, nb::handle y, nb::handle z) {
                    return call(*row, std::array{x, y, z});
                },
                "x"_a, "y"_a, "z"_a, text.c_str());
    }
    nb::object tensor = module.attr("Tensor");
    struct Named {
        const char *name, *reflected;
        const Op& row;
    };
    for (const auto& [name, reflected, row] : std::initializer_list<Named>{{"__add__", "__radd__", add},
                                                                           {"__sub__", "__rsub__", subtract},
                                                                           {"__mul__", "__rmul__", multiply},
                                                                           {"__pow__", "__rpow__", power},
                                                                           {"__and__", "__rand__", logical_and},
                                                                           {"__or__", "__ror__", logical_or},
                                                                           {"__xor__", "__rxor__", logical_xor},
                                                                           {"__lshift__", "__rlshift__", shift_left},
                                                                           {"__eq__", nullptr, equal},
                                                                           {"__ne__", nullptr, not_equal},
                                                                           {"__lt__", nullptr, less},
                                                                           {"__le__", nullptr, less_equal},
                                                                           {"__gt__", nullptr, greater},
                                                                           {"__ge__", nullptr, greater_equal}}) {
        add_operator(tensor, name, row, false);
        if (reflected != nullptr) add_operator(tensor, reflected, row, true);
    }
    module.def(
        "promoted_type", [](DataType a, DataType b) { return promoted(a, b); }, "a"_a, "b"_a);
    module.def("convert", &convert, "x"_a, "dtype"_a);
    module.def("bitcast_convert", &bitcast_convert, "x"_a, "dtype"_a);
    module.def("stop_gradient", &stop_gradient, "x"_a, "Returns `x` through which no gradient flows.");
    module.def("conj", &conj, "x"_a);
}

}  // namespace podium::python
