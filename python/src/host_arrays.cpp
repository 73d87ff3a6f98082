// Host memory: Python's buffer protocol and DLPack, both ways and without copies.
#include "bindings.h"

namespace podium::python {
namespace {

constexpr const char *CAPSULE = "dltensor", *VERSIONED_CAPSULE = "dltensor_versioned";

int fill_buffer(PyObject* self, Py_buffer* view, int flags) {
    const auto* array = nb::inst_ptr<HostArray>(self);
    return PyBuffer_FillInfo(view, self, const_cast<std::byte*>(array->data()),
                             static_cast<Py_ssize_t>(array->size_bytes()), 1, flags);
}

/// Returns the bytes that a Python object shows, as an array of that type and those dimensions.
HostArray from_buffer_protocol(nb::handle bytes, DataType type, Dims dims) {
    Py_buffer view;
    if (PyObject_GetBuffer(bytes.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
    const auto* data = static_cast<const std::byte*>(view.buf);
    const auto size = static_cast<std::size_t>(view.len);
    PyBuffer_Release(&view);
    Shape shape(type, std::move(dims));
    if (shape.size_bytes() != size)
        fail(Code::INVALID_DATA, "array: {} has {} bytes, and {} came", to_string(shape), shape.size_bytes(), size);
    return {std::move(shape), data, shared(bytes)};  // the object itself keeps its memory
}

template <class Managed>
void delete_unused(PyObject* capsule, const char* name) {
    if (PyCapsule_IsValid(capsule, name) == 0) return;  // somebody took it
    discard(static_cast<Managed*>(PyCapsule_GetPointer(capsule, name)));
}

nb::object to_capsule(const HostArray& array, bool versioned, bool read_only) {
    PyObject* capsule =
        versioned ? PyCapsule_New(to_dlpack(array, read_only), VERSIONED_CAPSULE,
                                  [](PyObject* c) { delete_unused<DLManagedTensorVersioned>(c, VERSIONED_CAPSULE); })
                  : PyCapsule_New(to_old_dlpack(array), CAPSULE,
                                  [](PyObject* c) { delete_unused<DLManagedTensor>(c, CAPSULE); });
    return nb::steal(capsule);
}

/// Returns the array that the capsule describes, and whether it is the capsule's own bytes. The capsule stays as it is
/// and keeps them, so that its own destructor deletes the tensor.
std::pair<HostArray, bool> from_capsule(const nb::capsule& capsule) {
    const auto owner = shared(capsule);
    const char* name = PyCapsule_GetName(capsule.ptr());
    const std::string_view kind = name == nullptr ? "" : name;
    const auto tensor = [&] { return PyCapsule_GetPointer(capsule.ptr(), name); };
    HostArray array;
    if (kind == VERSIONED_CAPSULE)
        array = from_dlpack(*static_cast<const DLManagedTensorVersioned*>(tensor()), owner);
    else if (kind == CAPSULE)
        array = from_dlpack(*static_cast<const DLManagedTensor*>(tensor()), owner);
    else
        fail(Code::INVALID_DATA, "dlpack: a capsule named \"{}\" came; {} and {} are known", kind, CAPSULE,
             VERSIONED_CAPSULE);
    const bool own = array.owner() == owner;
    return {std::move(array), own};
}

}  // namespace

void bind_host_arrays(nb::module_& module) {
    PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(fill_buffer)}, {0, nullptr}};
    nb::class_<HostArray>(module, "HostArray", nb::type_slots(slots), "Host memory: a buffer of bytes, row-major.")
        .def_prop_ro("dtype", [](const HostArray& array) { return array.type(); })
        .def_prop_ro("shape", [](const HostArray& array) { return nb::tuple(nb::cast(array.shape().dims)); })
        .def("to_dlpack", &to_capsule, "versioned"_a, "read_only"_a);
    module.def("host_array", &from_buffer_protocol, "bytes"_a, "dtype"_a, "shape"_a);
    module.def("host_array_from_dlpack", &from_capsule, "capsule"_a);
    module.def(
        "put",
        [](const HostArray& array, const std::optional<Device>& device) {
            return put(array, device ? *device : default_device());
        },
        "array"_a, "device"_a = nb::none(), Released(), "Returns a copy of the array on a device.");
    module.def(
        "put_on",
        [](const HostArray& array, const Mesh& mesh, std::vector<std::string> axes) {
            return put(array, std::make_shared<const Placement>(mesh, std::move(axes)));
        },
        "array"_a, "mesh"_a, "axes"_a, Released(), "Returns the array split over a mesh.");
    module.def(
        "adopt",
        [](const HostArray& array, const std::optional<Device>& device) {
            return adopt(array, device ? *device : default_device());
        },
        "array"_a, "device"_a = nb::none(), Released(),
        "Returns the array's own bytes as a tensor where that is possible.");
    module.def(
        "constant", [](const HostArray& array) { return constant(array, user_line()); }, "array"_a);
}

}  // namespace podium::python
