// ONNX models as functions, and functions as ONNX models.
#include "bindings.h"

namespace podium::python {
namespace {

using Values = std::vector<std::tuple<std::string, DataType, Dims>>;

Values described(const std::vector<onnx::ValueDefinition>& values) {
    Values result;
    for (const auto& value : values) result.emplace_back(value.name, value.type, value.dims);
    return result;
}

using NamedArrays = std::vector<std::pair<std::string, HostArray>>;

NamedArrays run(const onnx::Model& model, NamedArrays inputs, const std::optional<Device>& device) {
    TreeBuilder<HostArray> given;
    for (auto& [name, array] : inputs) given.add(name, std::move(array));
    const auto outputs = model.run(given.build(), device ? *device : default_device());
    NamedArrays result;
    for (std::size_t i = 0; i < outputs.size(); ++i) result.emplace_back(outputs.path(i), outputs.leaves()[i]);
    return result;
}

}  // namespace

void bind_onnx(nb::module_& parent) {
    auto module = parent.def_submodule("onnx");
    nb::class_<onnx::Model>(module, "Model", "An ONNX model as a function.")
        .def_prop_ro(
            "inputs", [](const onnx::Model& model) { return described(model.inputs()); },
            "Name, type and sizes of what it is fed; -1 is an open size.")
        .def_prop_ro(
            "outputs", [](const onnx::Model& model) { return described(model.outputs()); },
            "Name, type and sizes of what it gives.")
        .def("parameters", &onnx::Model::parameters, "Returns the initializers that are floating-point numbers.")
        .def("__call__", &onnx::Model::operator(), "parameters"_a, "inputs"_a, "Returns the outputs, recorded.")
        .def("run", &run, "inputs"_a, "device"_a = nb::none(), Released(), "Returns the outputs' values.");
    module.def(
        "load", [](const std::string& file) { return onnx::load(file); }, "file"_a, Released());
    module.def(
        "save",
        [](const std::string& file, const onnx::TreeFunction& function, const Tree& parameters, const Tree& inputs) {
            onnx::save(file, function, parameters, inputs);
        },
        "file"_a, "function"_a, "parameters"_a, "inputs"_a);
}

}  // namespace podium::python
