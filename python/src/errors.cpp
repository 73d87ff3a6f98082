// Errors become the Python class of their code: podium/_errors.py has the table.
#include "bindings.h"

namespace podium::python {
namespace {

void raise_in_python(const Error& error) {
    try {
        const nb::object raised =
            nb::module_::import_("podium._errors")
                .attr("error_of")(std::string(name(error.code())), error.message(), error.context());
        PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(raised.ptr())), raised.ptr());
    } catch (nb::python_error& other) {
        other.restore();
    }
}

}  // namespace

void bind_errors(nb::module_&) {
    nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
        try {
            std::rethrow_exception(thrown);
        } catch (const Error& error) {
            raise_in_python(error);
        }
    });
}

}  // namespace podium::python
