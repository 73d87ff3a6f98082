#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// `podium devices`: the plugins that were found, and what they can run on.
void add_devices(CLI::App& app, std::function<int()>& run);

}  // namespace podium
