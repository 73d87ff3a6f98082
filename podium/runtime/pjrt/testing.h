#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "podium/base/expect_error.h"
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

/// Returns a module with one function of type `signature` ("(tensor<f32>) -> tensor<f32>"); `body` is its block with
/// the block's arguments, `attributes` what the function carries besides.
inline std::string module_of(std::string_view signature, std::string_view body, std::string_view attributes = "",
                             std::string_view before = "") {
    return fmt::format(
        "\"builtin.module\"() ({{\n{}\n\"func.func\"() ({{\n{}\n}}) {{function_type = {}, sym_name = \"main\"{}{}}} : "
        "() -> ()\n}}) : () -> ()\n",
        before, body, signature, attributes.empty() ? "" : ", ", attributes);
}

/// Returns a module that adds its two parameters; `attributes` as above.
inline std::string add_module(std::string_view type, std::string_view attributes = "") {
    return module_of(fmt::format("({0}, {0}) -> {0}", type),
                     fmt::format("^entry(%a: {0}, %b: {0}):\n"
                                 "%sum = \"stablehlo.add\"(%a, %b) : ({0}, {0}) -> {0}\n"
                                 "\"func.return\"(%sum) : ({0}) -> ()",
                                 type),
                     attributes);
}

}  // namespace podium
