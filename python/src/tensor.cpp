// The class Tensor. Operators between tensors are in rows.cpp, what Python alone can say in podium/_tensor.py.
#include "bindings.h"

namespace podium::python {
namespace {

/// Returns the devices that the tensor is on, or will be: those of the evaluated tensors that it comes from.
Mesh mesh_of(const Tensor& tensor) {
    tensor.shape();  // an empty handle throws
    if (tensor.evaluated()) return tensor->buffer->placement()->mesh;
    const std::lock_guard lock(recording_mutex());
    for (const Node* node : topological({&tensor, 1}))
        if (node->ready.load()) return node->buffer->placement()->mesh;
    return Mesh(default_device());
}

bool is_traced(const Tensor& tensor) {
    tensor.shape();
    return tensor->level > 0;
}

/// Returns the one element as Python's own number.
nb::object item(const Tensor& tensor) {
    const Location line = user_line();
    const HostArray host = [&] {
        const nb::gil_scoped_release released;
        return tensor.to_host(line);
    }();
    if (host.count() != 1) fail(Code::SHAPE_MISMATCH, "item: {} is not one element", to_string(tensor.shape()));
    const Complex128 number = host.as_complex(0);
    const DataType type = host.type();
    if (is_complex(type)) return nb::steal(PyComplex_FromDoubles(number.real(), number.imag()));
    if (is_float(type)) return nb::steal(PyFloat_FromDouble(number.real()));
    if (type == DataType::BOOL) return nb::borrow(number.real() != 0 ? Py_True : Py_False);
    if (type == DataType::UINT64) return nb::steal(PyLong_FromUnsignedLongLong(host.span<std::uint64_t>()[0]));
    if (type == DataType::INT64) return nb::steal(PyLong_FromLongLong(host.span<std::int64_t>()[0]));
    return nb::steal(PyLong_FromDouble(number.real()));
}

}  // namespace

std::optional<Tensor> tensor_from(nb::handle object) {
    if (nb::isinstance<Tensor>(object)) return nb::cast<Tensor>(object);
    static auto* const read = new nb::object(nb::module_::import_("podium._creation").attr("tensor_or_none"));
    const nb::object made = (*read)(object);
    return made.is_none() ? std::nullopt : std::optional(nb::cast<Tensor>(made));
}

void bind_tensor(nb::module_& module) {
    nb::class_<Tensor>(module, "Tensor", nb::dynamic_attr(), nb::is_weak_referenceable(),
                       "A value on a device, or part of a function that is being traced.")
        .def(
            "__init__",
            [](Tensor* tensor, Dims dims, DataType type, const std::optional<Device>& device) {
                new (tensor) Tensor(std::move(dims), type, device ? *device : default_device());
            },
            "shape"_a, "dtype"_a = DataType::FLOAT32, "device"_a = nb::none(), "Zeros on a device.")
        .def_prop_ro(
            "shape", [](const Tensor& x) { return nb::tuple(nb::cast(x.dims())); }, "The sizes of the dimensions.")
        .def_prop_ro(
            "dtype", [](const Tensor& x) { return x.type(); }, "NumPy's data type of the elements.")
        .def_prop_ro("ndim", &Tensor::rank, "The number of dimensions.")
        .def_prop_ro(
            "size", [](const Tensor& x) { return x.shape().count(); }, "The number of elements.")
        .def_prop_ro("nbytes", [](const Tensor& x) { return x.shape().size_bytes(); })
        .def_prop_ro("itemsize", [](const Tensor& x) { return size_bytes(x.type()); })
        .def_prop_ro("evaluated", &Tensor::evaluated, "True if the bytes are there or on their way.")
        .def_prop_ro("traced", &is_traced, "True if a transform is recording what happens to it: it has no value.")
        .def_prop_ro(
            "device",
            [](const Tensor& x) {
                const Mesh mesh = mesh_of(x);
                return Device(mesh.type(), mesh.devices()[0]);
            },
            "The first of the devices that it is on, or will be.")
        .def_prop_ro("device_count", [](const Tensor& x) { return mesh_of(x).size(); })
        .def("item", &item, "Returns the one element as Python's number; waits for it.")
        .def(
            "to_host",
            [](const Tensor& x) {
                const Location line = user_line();
                const nb::gil_scoped_release released;
                return x.to_host(line);
            },
            "Returns a copy of the bytes; waits for them.")
        .def(
            "view",
            [](const Tensor& x) {
                const Location line = user_line();
                const nb::gil_scoped_release released;
                return view(x, line);
            },
            "Returns the bytes, where they lie if the host can read them there; waits for them.")
        .def(
            "move_to",
            [](const Tensor& x, const Device& device) {
                const Location line = user_line();
                const nb::gil_scoped_release released;
                return x.to(device, line);
            },
            "device"_a)
        .def(
            "become", [](Tensor& x, const Tensor& other) { x = other; }, "other"_a,
            "Makes this handle one of another value.");

    module.def(
        "evaluate",
        [](const Tensors& tensors) {
            const Location line = user_line();
            const nb::gil_scoped_release released;
            evaluate(tensors, line);
        },
        "tensors"_a, "Starts computing the tensors.");
    module.def(
        "wait_for",
        [](const Tensors& tensors) {
            const Location line = user_line();
            const nb::gil_scoped_release released;
            wait_for(tensors, line);
        },
        "tensors"_a, "Waits for the tensors.");
    module.def("inlining", &inlining, "True inside a trace or a gradient.");
    module.def(
        "shape_text", [](const Tensor& x) { return to_string(x.shape()); }, "tensor"_a);
}

}  // namespace podium::python
