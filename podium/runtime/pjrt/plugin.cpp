#include "podium/runtime/pjrt/plugin.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>

namespace podium {
namespace {

std::string to_text(const PJRT_NamedValue& value) {
    switch (value.type) {
        case PJRT_NamedValue_kString: return {value.string_value, value.value_size};
        case PJRT_NamedValue_kInt64: return std::to_string(value.int64_value);
        case PJRT_NamedValue_kInt64List:
            return fmt::format("{}", fmt::join(std::span(value.int64_array_value, value.value_size), "."));
        case PJRT_NamedValue_kFloat: return fmt::format("{}", value.float_value);
        case PJRT_NamedValue_kBool: return value.bool_value ? "true" : "false";
    }
    return {};
}

Error not_a_plugin(const std::string& path, std::string_view reason) {
    return {Code::UNAVAILABLE,
            fmt::format("plugin: cannot load {}: {}; name a PJRT plugin, or run podium plugin install", path, reason)};
}

bool has_tpu() {
    std::error_code none;
    return std::filesystem::exists("/dev/accel0", none) || std::filesystem::exists("/dev/vfio/0", none);
}

Result<PjrtApi> open(const std::string& path) {
    if (std::filesystem::path(path).filename() == "libtpu.so" && !has_tpu()) use_libtpu_without_tpu();
    setenv("TF_CPP_MIN_LOG_LEVEL", "1", false);  // XLA's notes on every client and compile are not for users
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return not_a_plugin(path, dlerror());
    const auto get_api = reinterpret_cast<const PJRT_Api* (*)()>(dlsym(library, "GetPjrtApi"));
    if (!get_api) {
        dlclose(library);
        return not_a_plugin(path, "it has no function GetPjrtApi, so it is no PJRT plugin");
    }
    const PJRT_Api* api = get_api();
    if (!api) return not_a_plugin(path, "GetPjrtApi returned nothing");
    const auto& version = api->pjrt_api_version;
    if (version.major_version != PJRT_API_MAJOR)
        return Error(Code::FAILED_PRECONDITION,
                     fmt::format("plugin: {} speaks PJRT {}.{}, podium speaks {}.{}; the first numbers must agree",
                                 path, version.major_version, version.minor_version, PJRT_API_MAJOR, PJRT_API_MINOR));
    return PjrtApi(api);
}

}  // namespace

void use_libtpu_without_tpu() {
    setenv("TPU_SKIP_MDS_QUERY", "1", false);
    setenv("TPU_ACCELERATOR_TYPE", "v5litepod-4", false);
    setenv("TPU_WORKER_HOSTNAMES", "localhost", false);
    setenv("TPU_WORKER_ID", "0", false);
    setenv("TPU_LOG_DIR", "disabled", false);
    setenv("ALLOW_MULTIPLE_LIBTPU_LOAD", "1", false);
}

PjrtPlugin::PjrtPlugin(std::string path, PjrtApi api) : path_(std::move(path)), api_(api) {
    api_.call<&PJRT_Api::PJRT_Plugin_Initialize>({});
    const auto found = api_.call<&PJRT_Api::PJRT_Plugin_Attributes>({});
    for (const auto& value : std::span(found.attributes, found.num_attributes))
        attributes_.emplace(std::string(value.name, value.name_size), to_text(value));
}

Result<const PjrtPlugin*> PjrtPlugin::load(const std::string& path) {
    static std::mutex mutex;
    // Never destroyed: clients that live until the process ends still call them.
    static auto& loaded = *new std::map<std::string, std::unique_ptr<const PjrtPlugin>>;
    std::error_code missing;
    const auto file = std::filesystem::canonical(path, missing);
    if (missing) return not_a_plugin(path, missing.message());
    const std::scoped_lock lock(mutex);
    auto& plugin = loaded[file.string()];
    if (!plugin) {
        auto api = open(file.string());
        if (!api) return api.error();
        try {
            plugin.reset(new PjrtPlugin(file.string(), *api));
        } catch (const Error& error) {
            return not_a_plugin(file.string(), error.message());
        }
    }
    return plugin.get();
}

std::string PjrtPlugin::api_version() const {
    const auto& version = api_.table()->pjrt_api_version;
    return fmt::format("{}.{}", version.major_version, version.minor_version);
}

std::string PjrtPlugin::fingerprint() const {
    std::error_code gone;
    const auto size = std::filesystem::file_size(path_, gone);
    const auto time = std::filesystem::last_write_time(path_, gone).time_since_epoch().count();
    std::string text = fmt::format("{} {} {}", size, time, api_version());
    for (const auto& [name, value] : attributes_) text += fmt::format(" {}={}", name, value);
    return text;
}

}  // namespace podium
