#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <podium/podium.h>

#include "casters.h"

namespace podium::python {

namespace nb = nanobind;
using nb::literals::operator""_a;

/// Each adds the part of the module that its file describes.
void bind_errors(nb::module_& module);
void bind_devices(nb::module_& module);
void bind_host_arrays(nb::module_& module);
void bind_tensor(nb::module_& module);
void bind_rows(nb::module_& module);
void bind_creation(nb::module_& module);
void bind_movement(nb::module_& module);
void bind_reductions(nb::module_& module);
void bind_linear_algebra(nb::module_& module);
void bind_fourier(nb::module_& module);
void bind_random(nb::module_& module);
void bind_transforms(nb::module_& module);
void bind_jit(nb::module_& module);
void bind_loops(nb::module_& module);
void bind_optimizers(nb::module_& module);
void bind_layers(nb::module_& module);
void bind_onnx(nb::module_& module);
void bind_pretrained(nb::module_& module);

/// What runs without the interpreter: it waits for compilers and devices.
using Released = nb::call_guard<nb::gil_scoped_release>;

/// Returns the innermost line of Python that is not podium's own: errors and compiled programs name it.
Location user_line();

/// Gives up a reference to a Python object: at once where this thread has the interpreter, else when one that has it
/// comes by. Never waits for the interpreter.
void release(PyObject* object);
/// Returns the object, kept alive, for whatever copies and drops it on any thread.
std::shared_ptr<const void> shared(nb::handle object);

}  // namespace podium::python
