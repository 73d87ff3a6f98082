#include "podium/base/user_folder.h"

#include <cstdlib>

namespace podium {

std::optional<std::string> process_environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

std::filesystem::path user_cache_folder(std::string_view name) {
    const auto folder = [](const char* variable) {
        return std::filesystem::path(process_environment(variable).value_or(""));
    };
    if (const auto cache = folder("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "podium" / name;
    if (const auto home = folder("HOME"); home.is_absolute()) return home / ".cache/podium" / name;
    return {};
}

std::optional<std::filesystem::path> user_plugin_folder(const Environment& environment) {
    if (const auto data = environment("XDG_DATA_HOME")) return std::filesystem::path(*data) / "podium/plugins";
    if (const auto home = environment("HOME")) return std::filesystem::path(*home) / ".local/share/podium/plugins";
    return std::nullopt;
}

}  // namespace podium
