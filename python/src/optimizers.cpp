// Every optimizer of the library's table, by name, with the options that the table's options have.
#include "fields.h"
#include "podium/base/named_enum.h"

namespace podium::python {
namespace {

using optim::OptimizerOptions;

/// A field as Python sees it: its kind, what is there before anything is given, and its description. An option struct
/// is a dictionary.
struct Described {
    nb::list fields;
    template <class T>
    void operator()(std::string_view name, T& field, std::string_view text) {
        nb::object value = nb::none();
        if constexpr (NamedEnum<T>) {
            if (const auto spelled = find_name(field)) value = nb::cast(std::string(*spelled));
        } else if constexpr (OptionStruct<T>) {
            Described inner;
            visit_fields(inner, field);
            nb::dict own;
            for (const auto each : inner.fields) own[each[0]] = each[1];
            value = own;
        } else {
            value = nb::cast(field);
        }
        fields.append(nb::make_tuple(std::string(name), value, std::string(text)));
    }
};

optim::GradientTransform make(const std::string& name, const nb::dict& given) {
    OptimizerOptions options;
    options.name = name;
    return optim::make(with_fields(std::move(options), given, "optim." + name));
}

}  // namespace

void bind_optimizers(nb::module_& parent) {
    auto module = parent.def_submodule("optim");
    nb::class_<optim::GradientTransform>(module, "GradientTransform")
        .def(
            "init", [](const optim::GradientTransform& t, const Tree& parameters) { return t.init(parameters); },
            "parameters"_a)
        .def(
            "update",
            [](const optim::GradientTransform& t, const Tree& updates, const Tree& state, const Tree& parameters,
               const std::optional<Tensor>& value, std::optional<std::function<Tensor(const Tree&)>> loss) {
                return t.update(updates, state, parameters,
                                {.value = value.value_or(Tensor()), .function = std::move(loss).value_or(nullptr)});
            },
            "updates"_a, "state"_a, "parameters"_a, "value"_a = nb::none(), "loss"_a = nb::none())
        .def_ro("name", &optim::GradientTransform::name);
    module.def("make", &make, "name"_a, "options"_a);
    module.def(
        "names",
        [] {
            std::vector<std::pair<std::string, std::string>> names;
            for (const auto& row : optim::optimizers()) names.emplace_back(row.name, row.source);
            return names;
        },
        "Returns each optimizer's name and source.");
    module.def(
        "options",
        [] {
            OptimizerOptions options;
            Described described;
            visit_fields(described, options);
            return described.fields;
        },
        "Returns each option's name, default and meaning.");
    module.def("chain", [](std::vector<optim::GradientTransform> parts) { return optim::chain(std::move(parts)); });
    module.def("clip_by_global_norm", &optim::clip_by_global_norm, "max_norm"_a);
    module.def("apply_updates", &optim::apply_updates, "parameters"_a, "updates"_a);
    module.def("global_norm", &optim::global_norm, "tree"_a);
}

}  // namespace podium::python
