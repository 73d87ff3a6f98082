#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium plugin install|list|remove`: plugins in the user's data folder.
void add_plugin(CLI::App& app, std::function<int()>& run);

}  // namespace podium
