#include "podium/plan/ahead.h"

#include <span>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/compile_options.h"
#include "podium/runtime/pjrt/executable.h"
#include "podium/runtime/pjrt/executable_calls.h"
#include "podium/runtime/pjrt/hlo.h"
#include "podium/runtime/pjrt/hlo_schedule.h"
#include "podium/runtime/pjrt/refusals.h"

namespace podium::plan {
namespace {

constexpr std::string_view LIMIT = "device_memory_bytes_limit";

PJRT_Executable* compile_for(const PjrtApi& api, PJRT_TopologyDescription* topology, std::string_view text,
                             const std::string& options) {
    constexpr std::string_view FORMAT = "mlir";
    const PJRT_Program source{.struct_size = PJRT_Program_STRUCT_SIZE,
                              .code = const_cast<char*>(text.data()),  // the plugin only reads it
                              .code_size = text.size(),
                              .format = FORMAT.data(),
                              .format_size = FORMAT.size()};
    try {
        return api
            .call<&PJRT_Api::PJRT_Compile>({.topology = topology,
                                            .program = &source,
                                            .compile_options = options.data(),
                                            .compile_options_size = options.size()})
            .executable;
    } catch (const OutOfMemory&) {
        throw;
    } catch (const Error& error) {
        throw CompileFailed(Code::COMPILE_FAILED, error.message());
    }
}

}  // namespace

PjrtTopology::PjrtTopology(const PjrtPlugin& plugin, const std::string& name, const std::string& chip_config)
    : plugin_(plugin) {
    constexpr std::string_view OPTION = "chip_config_name";
    const PJRT_NamedValue option{.struct_size = PJRT_NamedValue_STRUCT_SIZE,
                                 .name = OPTION.data(),
                                 .name_size = OPTION.size(),
                                 .type = PJRT_NamedValue_kString,
                                 .string_value = chip_config.data(),
                                 .value_size = chip_config.size()};
    handle_ = plugin.api()
                  .call<&PJRT_Api::PJRT_TopologyDescription_Create>({.topology_name = name.data(),
                                                                     .topology_name_size = name.size(),
                                                                     .create_options = &option,
                                                                     .num_options = chip_config.empty() ? 0U : 1U})
                  .topology;
}

PjrtTopology::~PjrtTopology() {
    plugin_.api().call_quietly<&PJRT_Api::PJRT_TopologyDescription_Destroy>({.topology = handle_});
}

std::vector<int> PjrtTopology::device_ids() const {
    const auto& api = plugin_.api();
    const auto found = api.call<&PJRT_Api::PJRT_TopologyDescription_GetDeviceDescriptions>({.topology = handle_});
    std::vector<int> ids;
    for (auto* const device : std::span(found.descriptions, found.num_descriptions))
        ids.push_back(api.call<&PJRT_Api::PJRT_DeviceDescription_Id>({.device_description = device}).id);
    return ids;
}

std::int64_t PjrtTopology::memory_limit_bytes() const {
    const auto found = plugin_.api().call<&PJRT_Api::PJRT_TopologyDescription_Attributes>({.topology = handle_});
    for (const auto& value : std::span(found.attributes, found.num_attributes))
        if (std::string_view(value.name, value.name_size) == LIMIT && value.type == PJRT_NamedValue_kInt64)
            return value.int64_value;
    return -1;
}

AheadExecutable::AheadExecutable(const PjrtTopology& topology, std::string_view text, const XlaOptions& options)
    : plugin_(topology.plugin_) {
    expect_possible(text, "plan", DeviceType::TPU);
    const auto serialized = compile_options(topology.device_ids(), DeviceType::TPU, options,
                                            {.text = text, .mesh = Mesh(Device(DeviceType::TPU))});
    handle_ = compile_for(plugin_.api(), topology.handle_, text, serialized);
    try {
        optimized_ = optimized_program_of(plugin_.api(), handle_);
    } catch (...) {
        plugin_.api().call_quietly<&PJRT_Api::PJRT_Executable_Destroy>({.executable = handle_});
        throw;
    }
}

AheadExecutable::~AheadExecutable() {
    plugin_.api().call_quietly<&PJRT_Api::PJRT_Executable_Destroy>({.executable = handle_});
}

std::vector<BufferPtr> AheadExecutable::execute(std::span<Buffer* const>, std::span<const std::int64_t>) {
    fail(Code::FAILED_PRECONDITION, "execute: the program was compiled for devices that are not here");
}

CompiledMemory AheadExecutable::memory() const { return memory_of(plugin_.api(), handle_); }

std::string AheadExecutable::optimized_text() const { return hlo_listing(optimized_); }

Schedule AheadExecutable::schedule() const { return hlo_schedule(optimized_); }

}  // namespace podium::plan
