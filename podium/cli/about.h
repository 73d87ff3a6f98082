#pragma once

#include <string>
#include <string_view>

namespace podium {

// Written by cmake/about.cmake when the command is built.
extern const std::string_view VERSION, COMMIT, COMPILER, LICENSES;

/// Returns what `podium --version` prints: version, commit, compiler, and the plugins that discovery finds; none is
/// loaded.
std::string about();

}  // namespace podium
