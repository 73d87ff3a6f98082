#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// Adds `podium bisect`.
void add_bisect(CLI::App& app, std::function<int()>& run);

}  // namespace podium
