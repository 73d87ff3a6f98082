#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// Adds `podium ops`.
void add_ops(CLI::App& app, std::function<int()>& run);

}  // namespace podium
