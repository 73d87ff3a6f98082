#pragma once

#include <optional>

#include "podium/runtime/mesh.h"

namespace podium {

/// Returns the floating-point operations a second that the mesh's devices reach together at best: what the vendor says
/// of bf16 products on TPUs, else what `measure_peak` found on this machine; nothing where neither is known. The CPU's
/// devices share one machine.
std::optional<double> peak_flops(const Mesh& mesh);

/// Multiplies f32 matrices on the device for about a second, and keeps the best rate in the user's cache folder for
/// `peak_flops`. Returns floating-point operations a second; throws UNAVAILABLE where there is no such device.
double measure_peak(Device device);

}  // namespace podium
