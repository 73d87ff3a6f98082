#pragma once

#include <memory>

#include "podium/runtime/pjrt/pjrt_backend.h"

namespace podium {

/// Returns one backend for the tests of a process: the CPU plugin of `./dev setup` with eight devices.
inline PjrtBackend& test_backend() {
    static PjrtBackend backend(*PjrtPlugin::load("build/plugins/cpu/xla_cpu_pjrt.so").value(), DeviceType::CPU, 8);
    return backend;
}

/// Returns where a tensor lies that is whole on one device.
inline PlacementPtr on_device(int index) {
    return std::make_shared<const Placement>(Mesh(Device(DeviceType::CPU, index)));
}

}  // namespace podium
