#pragma once

#include "podium/cli/verbs.h"

namespace podium {

/// Adds `podium optimizers`.
void add_optimizers(CLI::App& app, std::function<int()>& run);

}  // namespace podium
