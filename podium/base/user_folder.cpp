#include "podium/base/user_folder.h"

#include <cstdlib>

namespace podium {

std::filesystem::path user_cache_folder(std::string_view name) {
    const auto variable = [](const char* of) {
        const char* const value = std::getenv(of);
        return std::filesystem::path(value == nullptr ? "" : value);
    };
    if (const auto cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "podium" / name;
    if (const auto home = variable("HOME"); home.is_absolute()) return home / ".cache/podium" / name;
    return {};
}

}  // namespace podium
