#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium cache`: the compiled programs on disk.
void add_cache(CLI::App& app, std::function<int()>& run);

/// Keeps compiled programs where PODIUM_CACHE says: a folder, or "off"; else in the user's cache folder.
void use_program_cache();

}  // namespace podium
