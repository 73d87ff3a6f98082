#include "podium/cli/about.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "podium/plugins/install.h"
#include "podium/runtime/pjrt/discover.h"

namespace podium {
namespace {

/// Returns the version of an installed plugin with a space before it; empty where podium did not install it.
std::string version_of(const FoundPlugin& found) {
    if (found.where != "user's data folder") return {};
    for (const auto& row : plugins::list(plugins::user_folders()))
        if (std::filesystem::weakly_canonical(row.library) == found.path) return " " + row.version;
    return {};
}

}  // namespace

std::string about() {
    auto text = fmt::format("podium {}\ncommit    {}\ncompiler  {}\n", VERSION, COMMIT, COMPILER);
    std::set<DeviceType> seen;
    for (const auto& found : discover())
        if (seen.insert(found.type).second)
            text +=
                fmt::format("plugin    {}{}, {} ({})\n", name(found.type), version_of(found), found.path, found.where);
    if (seen.empty()) text += "plugin    none; podium plugin install cpu gets one\n";
    text.pop_back();  // the caller ends the line
    return text;
}

}  // namespace podium
