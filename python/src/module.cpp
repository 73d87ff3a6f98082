// The module podium._core: what Python sees of the library. The package around it is Python.
#include "bindings.h"

NB_MODULE(_core, module) {
    using namespace podium::python;
    nb::set_leak_warnings(false);  // tensors in global variables outlive the module
    bind_errors(module);
    bind_devices(module);
    bind_host_arrays(module);
    bind_tensor(module);
    bind_rows(module);
    bind_creation(module);
    bind_movement(module);
    bind_reductions(module);
    bind_linear_algebra(module);
    bind_fourier(module);
    bind_random(module);
    bind_transforms(module);
    bind_jit(module);
    bind_loops(module);
    bind_optimizers(module);
    bind_layers(module);
    bind_onnx(module);
    bind_pretrained(module);
}
