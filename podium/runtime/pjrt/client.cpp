#include "podium/runtime/pjrt/client.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>

#include "podium/base/error.h"
#include "podium/runtime/pjrt/ffi.h"

namespace podium {
namespace {

PJRT_NamedValue named(std::string_view name, std::int64_t value) {
    PJRT_NamedValue result{.struct_size = PJRT_NamedValue_STRUCT_SIZE, .name = name.data(), .name_size = name.size()};
    result.type = PJRT_NamedValue_kInt64;
    result.int64_value = value;
    result.value_size = 1;
    return result;
}

std::int64_t physical_memory_bytes() {
    return static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
}

}  // namespace

void DeviceBytes::add(std::int64_t bytes) noexcept {
    const auto now = in_use.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    auto highest = peak.load(std::memory_order_relaxed);
    while (now > highest && !peak.compare_exchange_weak(highest, now, std::memory_order_relaxed)) {
    }
}

PjrtClient::PjrtClient(const PjrtPlugin& plugin, DeviceType type, int device_count) : plugin_(plugin), type_(type) {
    const auto option = named("cpu_device_count", device_count);
    const bool is_cpu = type == DeviceType::CPU;
    // XLA's CPU plugin makes a thread for each core, and some of them wait for products of others: with two more, a
    // step of small products takes 7 % less time on two cores, and others take no more.
    if (is_cpu) setenv("PJRT_NPROC", std::to_string(std::thread::hardware_concurrency() + 2).c_str(), false);
    handle_ = api()
                  .call<&PJRT_Api::PJRT_Client_Create>(
                      {.create_options = is_cpu ? &option : nullptr, .num_options = is_cpu ? std::size_t{1} : 0})
                  .client;
    register_operators(api(), type);
    const auto found = api().call<&PJRT_Api::PJRT_Client_AddressableDevices>({.client = handle_});
    devices_.assign(found.addressable_devices, found.addressable_devices + found.num_addressable_devices);
    bytes_ = std::vector<DeviceBytes>(devices_.size());
}

PjrtClient::~PjrtClient() { api().call_quietly<&PJRT_Api::PJRT_Client_Destroy>({.client = handle_}); }

PJRT_Device* PjrtClient::device(int index) const {
    if (index < 0 || index >= device_count())
        fail(Code::NOT_FOUND, "device: asked for {}:{}, the plugin {} has {} device{}", name(type_), index,
             plugin_.path(), device_count(), device_count() == 1 ? "" : "s");
    return devices_[static_cast<std::size_t>(index)];
}

PJRT_DeviceDescription* PjrtClient::description(int index) const {
    return api().call<&PJRT_Api::PJRT_Device_GetDescription>({.device = device(index)}).device_description;
}

int PjrtClient::device_id(int index) const {
    return api().call<&PJRT_Api::PJRT_DeviceDescription_Id>({.device_description = description(index)}).id;
}

DeviceInfo PjrtClient::device_info(int index) const {
    auto* const described = description(index);
    const auto kind = api().call<&PJRT_Api::PJRT_DeviceDescription_Kind>({.device_description = described});
    const auto text = api().call<&PJRT_Api::PJRT_DeviceDescription_DebugString>({.device_description = described});
    return {Device(type_, index), std::string(kind.device_kind, kind.device_kind_size),
            std::string(text.debug_string, text.debug_string_size)};
}

MemoryStats PjrtClient::memory_stats(int index) const {
    auto* const asked = device(index);
    try {
        const auto stats = api().call<&PJRT_Api::PJRT_Device_MemoryStats>({.device = asked});
        return {
            .in_use_bytes = stats.bytes_in_use,
            .peak_bytes = stats.peak_bytes_in_use_is_set ? stats.peak_bytes_in_use : -1,
            .limit_bytes = stats.bytes_limit_is_set ? stats.bytes_limit : -1,
            .largest_free_block_bytes = stats.largest_free_block_bytes_is_set ? stats.largest_free_block_bytes : -1};
    } catch (const Error& error) {
        if (error.code() != Code::UNIMPLEMENTED) throw;
    }
    const auto& counted = bytes_[static_cast<std::size_t>(index)];
    return {.in_use_bytes = counted.in_use,
            .peak_bytes = counted.peak,
            .limit_bytes = type_ == DeviceType::CPU ? physical_memory_bytes() : -1};
}

std::string PjrtClient::platform_version() const {
    const auto found = api().call<&PJRT_Api::PJRT_Client_PlatformVersion>({.client = handle_});
    return {found.platform_version, found.platform_version_size};
}

}  // namespace podium
