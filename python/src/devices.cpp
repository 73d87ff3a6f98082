// Devices, data types and meshes.
#include "bindings.h"

namespace podium::python {
namespace {

/// What NumPy, or ml_dtypes where NumPy has no such type, calls the data types, in the order of DataType.
constexpr std::array<const char*, DATA_TYPE_COUNT> NUMPY_NAMES{"bool",
                                                               "int2",
                                                               "int4",
                                                               "int8",
                                                               "int16",
                                                               "int32",
                                                               "int64",
                                                               "uint2",
                                                               "uint4",
                                                               "uint8",
                                                               "uint16",
                                                               "uint32",
                                                               "uint64",
                                                               "float4_e2m1fn",
                                                               "float8_e3m4",
                                                               "float8_e4m3",
                                                               "float8_e4m3fn",
                                                               "float8_e4m3fnuz",
                                                               "float8_e4m3b11fnuz",
                                                               "float8_e5m2",
                                                               "float8_e5m2fnuz",
                                                               "float8_e8m0fnu",
                                                               "float16",
                                                               "bfloat16",
                                                               "float32",
                                                               "float64",
                                                               "complex64",
                                                               "complex128"};

/// NumPy's data types in the order of DataType, and the function that reads others' spellings.
struct Types {
    Types() {
        const nb::object dtype = nb::module_::import_("numpy").attr("dtype");
        const nb::object others = nb::module_::import_("ml_dtypes");
        for (const char* name : NUMPY_NAMES)
            numpy.push_back(nb::hasattr(others, name) ? dtype(others.attr(name)) : dtype(name));
    }
    std::vector<nb::object> numpy;
    nb::object read;
};
Types& types() {
    static auto* const types = new Types;  // outlives the interpreter, which is gone when statics are destroyed
    return *types;
}

}  // namespace

std::optional<DataType> data_type_from(nb::handle object) {
    const auto& [numpy, read] = types();
    for (std::size_t i = 0; i < numpy.size(); ++i)
        if (numpy[i].is(object)) return static_cast<DataType>(i);
    if (object.is_none() || !read.is_valid()) return {};
    const auto index = nb::cast<std::size_t>(read(object));
    return index < DATA_TYPE_COUNT ? std::optional(static_cast<DataType>(index)) : std::nullopt;
}

nb::object numpy_type(DataType type) { return types().numpy[static_cast<std::size_t>(type)]; }

void bind_devices(nb::module_& module) {
    nb::enum_<DeviceType> kinds(module, "DeviceType", nb::is_arithmetic());
    for (const auto& [kind, text] :
         std::initializer_list<std::pair<DeviceType, const char*>>{{DeviceType::CPU, "CPU"},
                                                                   {DeviceType::CUDA, "CUDA"},
                                                                   {DeviceType::ROCM, "ROCM"},
                                                                   {DeviceType::TPU, "TPU"},
                                                                   {DeviceType::EDGE_TPU, "EDGE_TPU"},
                                                                   {DeviceType::WEBGPU, "WEBGPU"},
                                                                   {DeviceType::OPENCL, "OPENCL"},
                                                                   {DeviceType::METAL, "METAL"},
                                                                   {DeviceType::INTERP, "INTERP"}})
        kinds.value(text, kind);

    nb::class_<Device>(module, "Device", "One device of a kind: Device(\"cuda:0\"), Device(DeviceType.TPU, 0).")
        .def(nb::init<std::string_view>(), "text"_a)
        .def(nb::init<DeviceType, int>(), "type"_a, "index"_a = 0)
        .def(nb::init<const Device&>(), "device"_a)
        .def_ro("type", &Device::type)
        .def_ro("index", &Device::index)
        .def("is_available", &Device::is_available, "True if a backend here can run on it.", Released())
        .def("__eq__",
             [](const Device& a, nb::handle b) { return nb::isinstance<Device>(b) && a == nb::cast<Device>(b); })
        .def("__hash__", [](const Device& device) { return std::hash<std::string>()(to_string(device)); })
        .def("__str__", [](const Device& device) { return to_string(device); })
        .def("__repr__", [](const Device& device) { return "Device('" + to_string(device) + "')"; });
    nb::implicitly_convertible<std::string_view, Device>();

    module.def("default_device", &default_device, "Returns the device of tensors that nothing else places.",
               Released());
    module.def(
        "available_devices",
        [] {
            std::vector<Device> found;
            for (const auto& row : backend_rows())
                if (const auto backend = row.make(1); backend.ok())
                    for (const auto& info : backend.value()->devices()) found.push_back(info.device);
            return found;
        },
        Released());
    nb::class_<DeviceScope>(module, "DeviceScope").def(nb::init<Device>(), "device"_a);

    nb::class_<Mesh>(module, "Mesh", "Devices of one kind on named axes: Mesh({\"data\": 4, \"model\": 2}, \"cpu\").")
        .def(
            "__init__",
            [](Mesh* mesh, const nb::dict& axes, std::string_view kind) {
                std::vector<Mesh::Axis> listed;
                for (const auto [name, size] : axes)
                    listed.push_back({nb::cast<std::string>(name), nb::cast<std::int64_t>(size)});
                new (mesh) Mesh(std::move(listed), devices(kind));
            },
            "axes"_a, "kind"_a = "cpu")
        .def_prop_ro("size", &Mesh::size);

    module.def(
        "read_data_types_by", [](nb::object read) { types().read = std::move(read); }, "read"_a);
    module.attr("NUMPY_TYPES") = nb::cast(types().numpy);
    nb::list names;
    for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) names.append(std::string(name(static_cast<DataType>(i))));
    module.attr("DATA_TYPE_NAMES") = names;
    module.attr("DATA_TYPE_BITS") = [] {
        nb::list bits;
        for (std::size_t i = 0; i < DATA_TYPE_COUNT; ++i) bits.append(size_bits(static_cast<DataType>(i)));
        return bits;
    }();
}

}  // namespace podium::python
